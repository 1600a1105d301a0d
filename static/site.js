// Comforts only: everything works without this file.
const copy = async (field) => {
  field.select();
  if (navigator.clipboard) await navigator.clipboard.writeText(field.value);
  else document.execCommand("copy");
};

const comfort = (root) => {
  for (const button of root.querySelectorAll("[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      await copy(button.parentElement.querySelector("input"));
      button.parentElement.querySelector("[role=status]").textContent = button.dataset.copy;
      button.textContent = button.dataset.copy;
    });
  }
  for (const button of root.querySelectorAll("[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }
  for (const form of root.querySelectorAll("form[data-step]")) {
    form.addEventListener("submit", step);
  }
};

// The next question takes the place of this one without a new page. When anything is out of the
// ordinary (a result, an error page) the browser goes there as it would have.
const step = async (event) => {
  const form = event.target;
  if (form.target) return;
  event.preventDefault();
  const button = form.querySelector("[type=submit]");
  button.disabled = true;
  try {
    const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) });
    show(await answer.text(), answer.url);
  } catch {
    form.querySelector("[data-offline]").hidden = false;
  }
  button.disabled = false;
};

const show = (html, url) => {
  const page = new DOMParser().parseFromString(html, "text/html");
  if (!page.querySelector("form[data-step]")) return window.location.assign(url);
  if (url !== window.location.href) history.pushState({}, "", url);
  document.title = page.title;
  document.querySelector("main").replaceWith(page.querySelector("main"));
  document.querySelector(".language")?.replaceWith(page.querySelector(".language"));
  comfort(document.querySelector("main"));
  const spoken = document.querySelector("[role=alert]:not([hidden])") || document.querySelector("h1");
  spoken.tabIndex = -1;
  spoken.focus({ preventScroll: true });
  window.scrollTo(0, 0);
};
window.addEventListener("popstate", () => window.location.reload());

// In a frame: tell the page around us how tall we are. It is told nothing else.
if (window.parent !== window) {
  document.documentElement.classList.add("framed");
  const tell = () => window.parent.postMessage({ pmoHeight: document.documentElement.offsetHeight }, "*");
  new ResizeObserver(tell).observe(document.body);
  tell();
}

comfort(document);
