// The web chat in the browser: what a click or a key means, what is asked, what is kept.
// Gradio calls `cited`; everything that is shown comes from the server as escaped HTML.

import * as answers from "./answers.js";
import * as shelf from "./shelf.js";
import * as source from "./source.js";
import * as store from "./store.js";

const MOST_OPENED = 900_000;
const SILENT_MS = 5000;

const byId = (id) => document.getElementById(id);
const send = {};
let server = {};
let current = store.load(store.tab.get("current")) || store.begin();
let replacing = false;
let heard = 0;
// Whether the button that asked is gone when the question appears, and the focus has to go to the question.
let leads = false;

const article = () => document.querySelector("#newest .exchange");
const working = () => article()?.dataset.state === "working";
const box = () => document.querySelector("#question textarea");

function prepare(question, replace) {
  const before = replace ? current.exchanges.slice(0, -1) : current.exchanges;
  replacing = replace;
  store.tab.set("pending", { question, replace });
  store.tab.set("current", current.id);
  if (!replace && article()?.dataset.state === "settled") {
    const moved = article().cloneNode(true);
    moved.querySelector(".next")?.replaceChildren();
    byId("moved").append(moved);
  }
  heard = Date.now();
  show("chat");
  return { question, history: answers.history(before), documents: shelf.chosen(), owner: shelf.owner() };
}

function ask(question, replace = false, fresh = false) {
  if (!question.trim() || working()) return;
  send.newest({ ...prepare(question.trim(), replace), fresh });
  leads = true;
}

// Whether the newest question is already among those that are kept.
const isKept = () => article()?.dataset.state === "settled";
const question = (element) => element.closest(".exchange").querySelector(".question h2").textContent;

function open(conversation, broken = null) {
  current = conversation;
  store.tab.set("current", current.id);
  byId("moved")?.replaceChildren();
  source.close();
  let exchanges = current.exchanges;
  while (exchanges.length && JSON.stringify(exchanges).length > MOST_OPENED) exchanges = exchanges.slice(1);
  send.past({ id: current.id, title: current.title, owner: shelf.owner(), exchanges, broken });
  list();
}

function keep(exchange) {
  const kept = store.load(current.id);
  const exchanges = [...(kept || current).exchanges];
  if (replacing && exchanges.length) exchanges.pop();
  current = { ...current, title: current.title || exchange.answer.question, exchanges: [...exchanges, exchange] };
  replacing = false;
  store.tab.set("pending", null);
  if (!store.save(current)) say("This browser has no room for more: delete a conversation to keep this one.");
  list();
}

function list() {
  const entries = store.list().map(({ id, title }) => {
    const item = document.createElement("li");
    if (id === current.id) item.setAttribute("aria-current", "true");
    for (const [act, text, label] of [
      ["open", title || "Untitled", ""],
      ["rename", "✎", `Rename: ${title}`],
      ["delete", "×", `Delete: ${title}`],
    ]) {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = text;
      button.dir = "auto";
      button.dataset.act = act;
      button.dataset.conversation = id;
      if (label) button.setAttribute("aria-label", label);
      item.append(button);
    }
    return item;
  });
  document.querySelector("#history ul")?.replaceChildren(...entries);
}

function say(text) {
  const region = byId("say");
  if (region && text && region.textContent !== text) region.textContent = text;
}

function show(view) {
  document.body.dataset.view = view;
  for (const button of document.querySelectorAll("[data-act=view]"))
    button.toggleAttribute("aria-current", button.dataset.view === view);
  if (view !== "chat") source.close();
  if (view === "documents") shelf.list();
  const report = document.querySelector("#evaluation iframe");
  if (view === "evaluation") report?.contentWindow.location.replace("/chat/evaluation");
}

function edit(button) {
  const header = button.closest(".exchange").querySelector(".question");
  const field = document.createElement("textarea");
  field.value = question(button);
  field.dir = "auto";
  field.setAttribute("aria-label", "Edit the question; Enter asks, Escape leaves it");
  header.append(field);
  header.dataset.editing = "";
  field.focus();
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" && (event.key !== "Enter" || event.shiftKey)) return;
    event.preventDefault();
    event.stopPropagation();
    const text = field.value;
    delete header.dataset.editing;
    field.remove();
    if (event.key === "Enter") ask(text, isKept());
    else button.focus();
  });
}

const acts = {
  ask: (button) => ask(button.dataset.question || button.textContent),
  again: (button) => ask(question(button), isKept(), true),
  "ask-rewritten": (button) => ask(button.closest(".trace").querySelector("textarea").value),
  cite: source.cite,
  read: source.read,
  previous: () => source.step(-1),
  following: () => source.step(1),
  close: source.close,
  edit,
  copy: async (button) => say(await answers.copy(button, current)),
  rate: answers.rate,
  export: async (button) => say(await answers.save(button, current, server)),
  remove: shelf.remove,
  view: (button) => {
    show(button.dataset.view);
    // The first page tells what is there, and that may have changed.
    if (document.querySelector(".welcome")) open(current);
  },
  new: () => {
    show("chat");
    open(store.begin());
    box()?.focus();
  },
  open: (button) => {
    const kept = store.load(button.dataset.conversation);
    if (kept) open(kept);
    show("chat");
  },
  rename: (button) => {
    const id = button.dataset.conversation;
    const title = prompt("Name of the conversation", store.load(id)?.title || "");
    if (title?.trim()) store.rename(id, title.trim().slice(0, 200));
    if (id === current.id) current.title = store.load(id)?.title || current.title;
    list();
  },
  delete: (button) => {
    const id = button.dataset.conversation;
    if (!confirm("Delete this conversation?")) return;
    store.remove(id);
    if (id === current.id) open(store.begin());
    list();
    box()?.focus();
  },
  history: (button) => {
    const open = document.body.toggleAttribute("data-history");
    button.setAttribute("aria-expanded", open);
  },
  theme: () => {
    const dark = !document.body.classList.contains("dark");
    localStorage.setItem("cited.theme", dark ? "dark" : "light");
    theme();
  },
};

function theme() {
  const chosen = localStorage.getItem("cited.theme");
  const dark = chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  document.documentElement.style.colorScheme = dark ? "dark" : "light";
  document.body.classList.toggle("dark", dark);
}

let at = null;
function changed() {
  heard = Date.now();
  if (at === null && document.activeElement === document.body) box()?.focus();
  if (at === null) shelf.tell();
  at ||= "";
  document.body.toggleAttribute("data-working", working());
  const state = `${current.id} ${current.exchanges.length}`;
  if (working() && at !== state) article().scrollIntoView();
  if (working()) at = state;
  if (working() && leads) article().querySelector("h2").focus({ preventScroll: true });
  if (working()) leads = false;
  const status = document.querySelector("#newest .status[data-say]");
  if (status) say(status.dataset.say);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-act]");
  if (!button || !acts[button.dataset.act]) return;
  event.preventDefault();
  acts[button.dataset.act](button);
});
document.addEventListener("submit", async (event) => {
  if (!event.target.matches(".reason")) return;
  event.preventDefault();
  say(await answers.sendRating(event.target, current, server));
});
for (const name of ["mouseover", "focusin"])
  document.addEventListener(name, (event) => {
    if (event.target.closest?.(".mark")) source.peek(event.target.closest(".mark"));
    else if (!event.target.closest?.("#popover")) source.unpeek();
  });
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !byId("popover")?.hidden) source.unpeek();
  else if (event.key === "Escape") source.close();
});
// One question at a time: Enter does nothing while one is being answered, and what is typed stays.
document.addEventListener(
  "keydown",
  (event) => {
    const enter = event.key === "Enter" && !event.shiftKey && event.target.closest?.("#question");
    if (!enter || (!working() && event.target.value.trim())) return;
    event.preventDefault();
    event.stopPropagation();
  },
  true,
);
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-choose]")) shelf.choose();
  if (event.target.matches("#upload")) shelf.upload([...event.target.files]);
});
for (const name of ["dragover", "drop"])
  document.addEventListener(name, (event) => {
    // Not only over the field: a file dropped beside it would replace the page.
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    if (name === "drop" && document.body.dataset.view === "documents") shelf.upload([...event.dataTransfer.files]);
  });
document.addEventListener("input", (event) => {
  if (event.target.closest?.("#question")) store.tab.set("typed", event.target.value);
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", theme);
addEventListener("scroll", source.unpeek, { passive: true });

function begin() {
  const after = byId("past");
  const moved = document.createElement("div");
  moved.id = "moved";
  after.after(moved);
  theme();
  show("chat");
  const pending = store.tab.get("pending");
  store.tab.set("pending", null);
  open(current, pending && !pending.replace ? pending.question : null);
}

window.cited = {
  attend(name, element, trigger, watch) {
    send[name] = trigger;
    if (name === "newest") watch("value", changed);
    if (name === "shelf") {
      shelf.attach(trigger);
      watch("value", () => {
        shelf.shown();
        shelf.keepFates();
      });
    }
    if (send.past && send.newest && !byId("moved")) begin();
  },
  receive(props, watch, functions) {
    server = functions;
    watch("value", () => props.value && keep(props.value));
  },
  typed(text) {
    store.tab.set("typed", null);
    return JSON.stringify(prepare(text.trim(), false));
  },
};

// The server tells something every second while it works; silence means that it is gone.
setInterval(async () => {
  if (!working() || Date.now() - heard < SILENT_MS) return;
  say("The connection was lost. Waiting for the server.");
  const status = document.querySelector("#newest .status .stage");
  if (status) status.textContent = "The connection was lost; waiting for the server";
  const reply = await fetch("/v1/health").catch(() => null);
  if (reply?.ok) location.reload();
}, 1000);
