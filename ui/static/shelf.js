// The documents: which ones are asked, adding by drop or choice with the fate of every file, deleting.

import * as store from "./store.js";

const LARGEST = 10_000_000;
const byId = (id) => document.getElementById(id);
let refresh = () => {};

export const chosen = () => store.tab.get("chosen") || [];

// The label by which this browser sees what it has uploaded for itself; made with the first such file.
export const owner = () => localStorage.getItem("cited.owner") || "";

function becomeOwner() {
  const bytes = crypto.getRandomValues(new Uint8Array(24));
  const label = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  localStorage.setItem("cited.owner", owner() || label);
  return owner();
}

export function attach(send) {
  refresh = (remove = null) => send({ owner: owner(), remove });
}

export const list = () => refresh();

export function remove(button) {
  if (!confirm(`Delete “${button.dataset.title}”? Answers that cite it stay, their source does not.`)) return;
  refresh(button.dataset.document);
  byId("upload").focus();
}

// After every list: the ticks as they were, and what the reader is told beside the box for the question.
export function shown() {
  const boxes = [...document.querySelectorAll("[data-choose]")];
  const wanted = chosen();
  for (const box of boxes) box.checked = !wanted.length || wanted.includes(box.dataset.choose);
  tell();
}

export function choose() {
  const boxes = [...document.querySelectorAll("[data-choose]")];
  const ticked = boxes.filter((box) => box.checked).map((box) => box.dataset.choose);
  store.tab.set("chosen", ticked.length === boxes.length ? null : ticked);
  if (!ticked.length) shown();
  tell();
}

export function tell() {
  const count = chosen().length;
  const line = byId("scope");
  if (!line) return;
  line.hidden = !count;
  line.querySelector("span").textContent = `Only ${count} document${count === 1 ? " is" : "s are"} asked.`;
}

function put(file, label, row) {
  return new Promise((done) => {
    const request = new XMLHttpRequest();
    request.open("PUT", `/chat/documents/${encodeURIComponent(file.name)}`);
    request.setRequestHeader("x-owner", label);
    request.upload.onprogress = ({ loaded, total }) => {
      row.lastChild.textContent = loaded < total ? `${Math.round((100 * loaded) / total)} %` : "being read";
    };
    request.onload = () => {
      let told = {};
      try {
        told = JSON.parse(request.responseText);
      } catch {}
      done(request.status < 300 ? `ready (${told.state})` : `refused: ${told.detail || request.status}`);
    };
    request.onerror = () => done("refused: the connection was lost. Try again.");
    request.send(file);
  });
}

export async function upload(files) {
  const rows = byId("shelf").querySelector(".uploads");
  const label = byId("mine").checked ? becomeOwner() : "";
  for (const file of files) {
    const row = document.createElement("li");
    const name = document.createElement("bdi");
    name.textContent = file.name;
    row.append(name, document.createTextNode(": "), document.createElement("span"));
    rows.append(row);
    const fate = file.size > LARGEST ? "refused: it is larger than 10 MB" : await put(file, label, row);
    row.lastChild.textContent = fate;
  }
  const told = [...rows.children].map((row) => row.cloneNode(true));
  refresh();
  // The list that comes back has none of these.
  pending = told;
}

let pending = [];
export function keepFates() {
  const rows = byId("shelf").querySelector(".uploads");
  if (rows && pending.length) rows.replaceChildren(...pending);
  pending = [];
}
