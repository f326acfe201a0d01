// Keys on the reconciliation desk. Each presses a button or follows a link that is on the page anyway, and all of
// them can be turned off, since a key alone may be pressed by a voice or by mistake.
const WRITING = "input:not([type=radio]), textarea, select";
const KEPT = "ledger keys";

const help = document.querySelector("#keys");
const turn = help?.querySelector("button");

const isOn = () => localStorage.getItem(KEPT) !== "off";

function show() {
  help.hidden = false;
  turn.textContent = isOn() ? "Turn keys off" : "Turn keys on";
  turn.setAttribute("aria-pressed", String(isOn()));
  help.querySelector("p").hidden = !isOn();
}

function press(event) {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.repeat || !isOn()) return;
  if (event.target instanceof Element && event.target.closest(WRITING)) return;
  const key = event.key.toLowerCase();
  const split = key === "s" ? document.querySelector("input[name=row][type=radio], #find-row") : null;
  const wanted = split ?? document.querySelector(`[data-key="${CSS.escape(key)}"]`);
  if (!wanted) return;
  event.preventDefault();
  if (split) split.focus();
  else wanted.click();
}

if (turn) {
  turn.addEventListener("click", () => {
    localStorage.setItem(KEPT, isOn() ? "off" : "on");
    show();
  });
  document.addEventListener("keydown", press);
  show();
}
