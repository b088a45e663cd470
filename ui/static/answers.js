// What a reader does with answers that are there: copies them, rates them, takes the conversation away as a file.
// What has to be told of it is returned as words.

import * as store from "./store.js";

const MOST_HISTORY = 20;
const ENDINGS = { markdown: "md", html: "html", json: "json" };

// What the engine has to know of a conversation before the next question.
export function history(exchanges) {
  return exchanges.slice(-MOST_HISTORY).flatMap(({ answer }) => [
    { role: "user", content: answer.question },
    { role: "assistant", content: answer.answer },
  ]);
}

function asText(answer) {
  const sources = answer.citations.map((c) => `[${c.number}] “${c.quote}” — ${c.title}, ${c.source}`);
  return [answer.question, answer.answer, ...sources].join("\n\n");
}

export async function copy(button, { exchanges }) {
  const id = button.closest(".exchange").dataset.id;
  const exchange = exchanges.find((each) => each.answer.id === id);
  if (!exchange) return;
  await navigator.clipboard.writeText(asText(exchange.answer));
  button.textContent = "Copied";
  setTimeout(() => (button.textContent = "Copy with citations"), 1500);
  return "Copied";
}

export function rate(button) {
  const article = button.closest(".exchange");
  const form = article.querySelector(".reason");
  for (const each of article.querySelectorAll("[data-act=rate]"))
    each.setAttribute("aria-pressed", each === button);
  form.hidden = false;
  form.dataset.rating = button.dataset.rating;
  form.querySelector("input").focus();
}

export async function sendRating(form, conversation, server) {
  const { exchanges } = conversation;
  const id = form.closest(".exchange").dataset.id;
  const place = exchanges.findIndex((each) => each.answer.id === id);
  const exchange = exchanges[place];
  if (!exchange) return;
  const { rating } = form.dataset;
  const reason = form.querySelector("input").value;
  const before = history(exchanges.slice(0, place));
  const told = await server.rate({ answer: exchange.answer, history: before, rating, reason });
  exchange.rating = rating;
  store.rate(conversation.id, id, rating);
  form.hidden = true;
  form.closest(".exchange").querySelector(`[data-rating=${rating}][data-act=rate]`).focus();
  return told.done || told.problem;
}

export async function save(button, { id, title, exchanges }, server) {
  const { form } = button.dataset;
  if (!exchanges.length) return "There is nothing to save yet.";
  const told = await server.export({ conversation: { id, title, exchanges }, form });
  if (told.problem) return told.problem;
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([told.done], { type: "application/octet-stream" }));
  link.download = `conversation.${ENDINGS[form]}`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  return "Saved";
}
