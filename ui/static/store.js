// Conversations as this browser keeps them: one entry each, so that two tabs never overwrite each other's.

const BODY = "cited.conversation.";
const HEAD = "cited.title.";

function read(store, key) {
  try {
    return JSON.parse(store.getItem(key));
  } catch {
    return null;
  }
}

export function list() {
  return Object.keys(localStorage)
    .filter((key) => key.startsWith(HEAD))
    .map((key) => ({ ...read(localStorage, key), id: key.slice(HEAD.length) }))
    .filter((head) => typeof head.title === "string")
    .sort((one, other) => (other.updated || 0) - (one.updated || 0));
}

export function load(id) {
  const kept = id && read(localStorage, BODY + id);
  return kept && Array.isArray(kept.exchanges) ? { ...kept, id } : null;
}

export function begin() {
  return { id: crypto.randomUUID?.() || String(Math.random()).slice(2), title: "", exchanges: [] };
}

// Returns whether there was room for it.
export function save(conversation) {
  const { id, title, exchanges } = conversation;
  try {
    localStorage.setItem(BODY + id, JSON.stringify({ title, exchanges }));
    localStorage.setItem(HEAD + id, JSON.stringify({ title, updated: Date.now() }));
    return true;
  } catch {
    return false;
  }
}

export function rename(id, title) {
  const kept = load(id);
  if (kept) save({ ...kept, title });
}

// Into what is kept by now: the conversation may have gone on meanwhile, or been deleted.
export function rate(id, answer, rating) {
  const kept = load(id);
  const exchange = kept?.exchanges.find((each) => each.answer.id === answer);
  if (!exchange) return;
  exchange.rating = rating;
  save(kept);
}

export function remove(id) {
  localStorage.removeItem(BODY + id);
  localStorage.removeItem(HEAD + id);
}

// What belongs to this tab: the open conversation, the question that is being answered, what was typed.
export const tab = {
  get: (name) => read(sessionStorage, `cited.${name}`),
  set: (name, value) => {
    if (value === null) sessionStorage.removeItem(`cited.${name}`);
    else sessionStorage.setItem(`cited.${name}`, JSON.stringify(value));
  },
};
