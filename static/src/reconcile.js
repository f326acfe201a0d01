// Keys on the reconciliation desk. Every key presses a button or follows a link that is on the page anyway.
const KEYS = { j: "k" };
const WRITING = "input:not([type=radio]), textarea, select";

document.querySelector("#keys")?.removeAttribute("hidden");

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  if (event.target instanceof Element && event.target.closest(WRITING)) return;
  const key = event.key.toLowerCase();
  if (key === "s") {
    const first = document.querySelector("input[name=row][type=radio]");
    if (first) {
      event.preventDefault();
      first.focus();
    }
    return;
  }
  const wanted = document.querySelector(`[data-key="${CSS.escape(KEYS[key] ?? key)}"]`);
  if (wanted) {
    event.preventDefault();
    wanted.click();
  }
});
