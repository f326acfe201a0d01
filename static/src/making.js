// Keep the list of big reports fresh while one is under way. The link on the page does the same without this file.
const EVERY = 2000;
// Looking again keeps a session alive, so it ends long before a session that nobody uses would.
const MOST_TIMES = 300;

const list = () => document.querySelector("#makings[data-under-way]");

async function look(times) {
  const shown = list();
  if (!shown || times > MOST_TIMES) return;
  const answer = await fetch(location.pathname, { redirect: "error" }).catch(() => null);
  const read = answer?.ok ? new DOMParser().parseFromString(await answer.text(), "text/html") : null;
  const fresh = read?.querySelector("#makings");
  if (fresh) show(shown, fresh);
  setTimeout(look, EVERY, times + 1);
}

function show(shown, fresh) {
  const goesOn = fresh.hasAttribute("data-under-way");
  // Whoever stands on a button of the list is not moved from it while nothing but figures changes.
  if (goesOn && shown.contains(document.activeElement)) return;
  shown.replaceWith(document.adoptNode(fresh));
  if (!goesOn) document.querySelector("#told").textContent = "What you asked for is no longer being made. See below";
}

setTimeout(look, EVERY, 1);
