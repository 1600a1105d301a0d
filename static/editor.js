// Comforts of writing a mail; everything works without this file. A toolbar and a palette above
// each text, and what is wrong with it while one types. Its words come from the page's templates.
const PARTS = ["subject", "preview", "body"];
const FIELD = /^(.*?)(subject_b|subject|preview|body)_(sv|en)$/;
const PAUSE = 500;

// What a button puts around the selected words; `line` ones go before each line.
const MARKS = {
  bold: { around: ["**", "**"] },
  italic: { around: ["*", "*"] },
  heading: { line: "## " },
  list: { line: "- " },
  quote: { line: "> " },
};

const replace = (field, start, end, words, select) => {
  field.focus();
  field.setSelectionRange(start, end);
  // The browser's own way of typing, so that its undo knows of it.
  if (!document.execCommand("insertText", false, words)) field.setRangeText(words, start, end, "end");
  if (select) field.setSelectionRange(...select);
  field.dispatchEvent(new Event("input", { bubbles: true }));
};

const mark = (field, { around, line }) => {
  let { selectionStart: start, selectionEnd: end, value } = field;
  if (line) {
    start = value.lastIndexOf("\n", start - 1) + 1;
    const words = value.slice(start, end).split("\n").map((each) => line + each).join("\n");
    return replace(field, start, end, words);
  }
  const chosen = value.slice(start, end);
  const at = start + around[0].length;
  replace(field, start, end, around[0] + chosen + around[1], [at, at + chosen.length]);
};

// A link or a button whose words are the selected ones, or wait to be written.
const lead = (field, { value, dataset }) => {
  const { selectionStart: start, selectionEnd: end } = field;
  const words = field.value.slice(start, end) || dataset.words;
  const apart = dataset.mark === "button" ? "\n\n" : "";
  const at = start + apart.length + 1;
  replace(field, start, end, `${apart}[${words}](${value})${apart}`, [at, at + words.length]);
};

// After the bar of a placeholder stands what is shown when the value is missing.
const insert = (field, { value }) => {
  const at = field.selectionStart + value.indexOf("| }") + 2;
  replace(field, field.selectionStart, field.selectionEnd, value, value.includes("| }") ? [at, at] : null);
};

const equip = (field, template) => {
  const bar = template.content.firstElementChild.cloneNode(true);
  field.before(bar);
  for (const button of bar.querySelectorAll("button")) {
    button.addEventListener("click", () => mark(field, MARKS[button.dataset.mark]));
  }
  for (const palette of bar.querySelectorAll("select")) {
    palette.addEventListener("change", () => {
      (palette.dataset.mark === "word" ? insert : lead)(field, palette);
      palette.selectedIndex = 0;
    });
  }
};

const tell = (field, { faults, advice }) => {
  let list = field.parentElement.querySelector(".live");
  if (!list) {
    list = document.createElement("ul");
    list.className = "live";
    list.setAttribute("aria-live", "polite");
    field.after(list);
  }
  const lines = [...faults.map((each) => ["fault", each]), ...advice.map((each) => ["advice", each])];
  list.replaceChildren(...lines.map(([kind, words]) => {
    const line = document.createElement("li");
    line.className = kind;
    line.textContent = words;
    return line;
  }));
};

const check = async (field, { check: url, kind }) => {
  const [, prefix, part, language] = field.name.match(FIELD);
  const find = (each) => field.form.elements[`${prefix}${each}_${language}`];
  const fields = PARTS.map((each) => (each === "subject" && part === "subject_b" ? field : find(each)));
  const texts = Object.fromEntries(PARTS.map((each, number) => [each, fields[number]?.value ?? ""]));
  const answer = await fetch(url, {
    method: "POST",
    headers: { "X-CSRFToken": field.form.elements.csrfmiddlewaretoken.value },
    body: new URLSearchParams({ ...texts, language, kind }),
  });
  if (!answer.ok) return;
  const said = await answer.json();
  PARTS.forEach((each, number) => fields[number] && tell(fields[number], said[each]));
};

const watch = (root) => {
  for (const field of root.querySelectorAll("input, textarea")) {
    const template = field.closest("fieldset")?.querySelector("template.toolbar");
    if (!template || !FIELD.test(field.name) || field.name.includes("__prefix__") || field.dataset.watched) continue;
    field.dataset.watched = "yes";
    if (field.tagName === "TEXTAREA" && field.name.match(FIELD)[2] === "body") equip(field, template);
    let timer;
    field.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(() => check(field, template.dataset).catch(() => {}), PAUSE);
    });
  }
};

watch(document);
document.addEventListener("formset:added", (event) => {
  // Whoever adds a step is about to write it.
  for (const texts of event.target.querySelectorAll("details:not(.placeholders)")) texts.open = true;
  watch(event.target);
});

// Whoever comes from a fault stands in its field, unfolded.
const arrive = () => {
  const field = document.getElementById(window.location.hash.slice(1));
  if (!field) return;
  for (let each = field.closest("details"); each; each = each.parentElement.closest("details")) each.open = true;
  field.scrollIntoView({ block: "center" });
  field.focus();
};
window.addEventListener("hashchange", arrive);
arrive();

// Words that are not saved are not left behind without a question.
for (const form of document.querySelectorAll("#content-main form[id]")) {
  let isChanged = Boolean(form.querySelector(".errorlist"));
  form.addEventListener("input", () => { isChanged = true; });
  form.addEventListener("submit", () => { isChanged = false; });
  window.addEventListener("beforeunload", (event) => {
    if (isChanged) event.preventDefault();
  });
}
