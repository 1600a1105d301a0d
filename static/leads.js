// Keys for the list of leads. Comforts only: everything works without this file.
const setUp = () => {
  const help = document.querySelector("[data-keys]");
  if (!help) return;
  help.hidden = false;
  const rows = [...document.querySelectorAll("#result_list tbody tr")];
  let at = -1;

  const move = (steps) => {
    if (!rows.length) return;
    at = Math.min(Math.max(at + steps, 0), rows.length - 1);
    rows[at].querySelector("th a, td a").focus({ preventScroll: true });
    rows[at].scrollIntoView({ block: "nearest" });
  };
  const acts = {
    j: () => move(1),
    k: () => move(-1),
    o: () => rows[at]?.querySelector("th a, td a").click(),
    x: () => rows[at]?.querySelector(".action-select")?.click(),
    "?": () => {
      help.open = !help.open;
      help.scrollIntoView({ block: "nearest" });
    },
  };

  // Whoever moves by Tab or mouse goes on from there.
  for (const [number, row] of rows.entries()) {
    row.addEventListener("focusin", () => { at = number; });
  }
  document.addEventListener("keydown", (event) => {
    const isWriting = event.target.matches("input:not([type=checkbox]), select, textarea, [contenteditable]");
    if (isWriting || event.ctrlKey || event.metaKey || event.altKey || !acts[event.key]) return;
    event.preventDefault();
    acts[event.key]();
  });
};
document.addEventListener("DOMContentLoaded", setUp);
