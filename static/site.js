// Comforts only: everything works without this file.
const copy = async (field) => {
  field.select();
  if (navigator.clipboard) await navigator.clipboard.writeText(field.value);
  else document.execCommand("copy");
};
for (const button of document.querySelectorAll("[data-copy]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    await copy(button.parentElement.querySelector("input"));
    button.parentElement.querySelector("[role=status]").textContent = button.dataset.copy;
    button.textContent = button.dataset.copy;
  });
}
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
