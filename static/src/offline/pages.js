// On every page: opens this phone for whoever is signed in and may work without signal, locks it for everybody else,
// sends what waits, and warns before signing out over slips that were not sent.
import "./queue.js";

const { account, arrived, leave, leaving, left, lock, send, stale } = self.goBags;
const mark = document.querySelector("meta[name=account-mark]");

const plural = (count, one) => `${count} ${one}${count === 1 ? "" : "s"}`;

function told(text, href, words) {
  const box = document.createElement("p");
  box.className = "govuk-inset-text app-kept-note";
  box.setAttribute("role", "status");
  box.append(text);
  if (href) {
    const link = document.createElement("a");
    link.className = "govuk-link";
    link.href = href;
    link.textContent = words;
    box.append(" ", link);
  }
  document.querySelector("#main-content")?.prepend(box);
}

async function begin() {
  const gone = await leaving();
  // Somebody signed out while there was no signal: the service hears of it now.
  if (gone && gone === mark?.content) return form()?.submit();
  if (gone) await arrived();
  if (!mark) return nobody();
  const before = await account();
  if (before && before.owner !== mark.content) await lock();
  const waiting = (await left()).find((each) => each.owner === mark.content);
  if (mark.dataset.works !== "yes") return;
  await navigator.serviceWorker.register("/worker.js", { scope: "/" });
  for (const link of document.querySelectorAll("[data-kept-link]")) link.hidden = false;
  if (waiting || before?.owner !== mark.content || stale(before)) say(await send());
}

async function nobody() {
  await lock();
  for (const { name, waiting, refused } of await left()) {
    told(`On this phone: ${plural(waiting + refused, "slip")} noted without signal. To send, sign in as ${name}.`);
  }
}

function say({ sent, refused }) {
  const page = "/no-signal";
  if (refused.length) told(`${plural(refused.length, "slip")} could not be sent: ${refused[0]}.`, page, "See what to do");
  if (sent.length === 1) told(`Sent: ${sent[0].said}.`, sent[0].page, "See it");
  if (sent.length > 1) told(`${plural(sent.length, "slip")} noted without signal were sent.`, page, "See them");
}

// ---- Signing out --------------------------------------------------------------------------------

const form = () => document.querySelector('form[action$="/sign-out"]');

async function signOut(event) {
  event.preventDefault();
  const mine = (await left()).find((each) => each.owner === mark?.content);
  if (mine && !(await agreed(mine.waiting + mine.refused))) return;
  // A phone believes it is on line where nothing reaches the service, so it is never asked.
  await (mark ? leave(mark.content) : lock());
  event.target.submit();
}

// Asks whether to sign out over so many slips.
export function agreed(count) {
  const dialog = document.createElement("dialog");
  dialog.className = "app-dialog";
  dialog.setAttribute("aria-labelledby", "leaving");
  const title = document.createElement("h2");
  title.className = "govuk-heading-m";
  title.id = "leaving";
  title.textContent = `${plural(count, "slip")} ${count === 1 ? "has" : "have"} not been sent`;
  const text = document.createElement("p");
  text.className = "govuk-body";
  text.textContent =
    "If you sign out now, what you noted stays locked on this phone. Nobody else can read it, and it is sent when you " +
    "sign in here again.";
  const [stay, go] = [button("Stay signed in", ""), button("Sign out all the same", "govuk-button--secondary")];
  dialog.append(title, text, stay, " ", go);
  document.body.append(dialog);
  return new Promise((resolve) => {
    const answer = (is) => () => {
      dialog.remove();
      resolve(is);
    };
    stay.addEventListener("click", answer(false));
    go.addEventListener("click", answer(true));
    dialog.addEventListener("cancel", answer(false));
    dialog.showModal();
  });
}

function button(words, classes) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = `govuk-button ${classes}`;
  made.textContent = words;
  return made;
}

form()?.addEventListener("submit", signOut);
if (!document.querySelector("[data-kept]")) begin();
