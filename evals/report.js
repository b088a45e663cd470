"use strict";
(() => {
  const field = (id) => document.getElementById(id);
  const cases = [...document.querySelectorAll(".case")];
  const texts = cases.map((one) => one.textContent.toLowerCase());
  const filters = ["outcome", "kind", "part"];

  const show = () => {
    const words = field("words").value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    cases.forEach((one, at) => {
      const fits = filters.every((name) => !field(name).value || field(name).value === one.dataset[name])
        && words.every((word) => texts[at].includes(word));
      one.hidden = !fits;
      shown += fits;
    });
    field("shown").textContent = `${shown} of ${cases.length} shown`;
  };

  const form = document.querySelector(".filters");
  form.hidden = false;
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", show);
  show();
})();
