// A mark's quote on hover and focus, and the source beside the answer. Text goes in as text, never as markup.

const byId = (id) => document.getElementById(id);
let opener = null;
let row = null;
let shown = 0;

function citation(mark) {
  const article = mark.closest(".exchange");
  return article?.querySelector(`.cited > li[data-number="${CSS.escape(mark.dataset.number)}"]`);
}

function put(parent, tag, text, name) {
  const element = document.createElement(tag);
  element.textContent = text;
  element.dir = "auto";
  if (name) element.className = name;
  parent.append(element);
}

export function peek(mark) {
  const found = citation(mark);
  const popover = byId("popover");
  if (!found || !popover) return;
  popover.replaceChildren();
  put(popover, "strong", found.dataset.title);
  put(popover, "span", found.dataset.origin, "origin");
  put(popover, "q", found.dataset.quote);
  put(popover, "span", mark.getAttribute("aria-label").match(/, ([^:]+):/)?.[1] || "", "verdict");
  popover.hidden = false;
  const place = mark.getBoundingClientRect();
  const width = popover.offsetWidth;
  const left = Math.min(Math.max(8, place.left - width / 2), innerWidth - width - 8);
  const below = place.bottom + popover.offsetHeight + 12 < innerHeight;
  popover.style.left = `${left}px`;
  popover.style.top = `${below ? place.bottom + 4 : place.top - popover.offsetHeight - 4}px`;
  mark.setAttribute("aria-describedby", "popover");
}

export function unpeek() {
  const popover = byId("popover");
  if (popover) popover.hidden = true;
}

function show({ url, title, origin }, place) {
  const panel = byId("source");
  unpeek();
  panel.querySelector("h2").textContent = title;
  panel.querySelector(".origin").textContent = origin;
  panel.querySelector(".place").textContent = place;
  panel.querySelector(".tab").href = url;
  for (const name of ["previous", "following"]) panel.querySelector(`[data-act=${name}]`).hidden = !row;
  panel.hidden = false;
  document.body.dataset.source = "open";
  shown = Date.now();
  const theme = document.body.classList.contains("dark") ? "dark" : "light";
  const address = `${url}${url.includes("?") ? "&" : "?"}theme=${theme}#cite`;
  // A frame of its own for each source: the browser's Back must not go through all that were looked at, and
  // Chromium can leave one blank that goes to another page just when its panel is shown again.
  const frame = panel.querySelector("iframe");
  const fresh = frame.cloneNode();
  fresh.src = address;
  frame.replaceWith(fresh);
}

// A page that opens at a place takes the focus to it, and the keys with it: Escape would no longer close.
addEventListener("blur", () => {
  const frame = document.querySelector("#source iframe");
  if (Date.now() - shown > 1000) return;
  setTimeout(() => document.activeElement === frame && byId("source").querySelector("h2").focus(), 0);
});

export function cite(mark) {
  const found = citation(mark);
  if (!found) return;
  opener = mark;
  row = found;
  step(0);
  byId("source").querySelector("h2").focus({ preventScroll: true });
}

export function read(button) {
  opener = button;
  row = null;
  show(button.dataset, "Also read");
  byId("source").querySelector("h2").focus({ preventScroll: true });
}

export function step(by) {
  if (!row) return;
  const rows = [...row.parentElement.children];
  row = rows[(rows.indexOf(row) + by + rows.length) % rows.length];
  for (const each of document.querySelectorAll(".current")) each.classList.remove("current");
  const number = CSS.escape(row.dataset.number);
  for (const mark of row.closest(".exchange").querySelectorAll(`.mark[data-number="${number}"]`))
    mark.classList.add("current");
  show(row.dataset, `Source ${rows.indexOf(row) + 1} of ${rows.length}`);
}

export function close() {
  const panel = byId("source");
  if (!panel || panel.hidden) return false;
  panel.hidden = true;
  delete document.body.dataset.source;
  for (const each of document.querySelectorAll(".current")) each.classList.remove("current");
  (opener?.isConnected ? opener : document.querySelector("#question textarea"))?.focus();
  return true;
}
