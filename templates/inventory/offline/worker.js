// Stands between the pages and the network. With signal it changes nothing. Without, it answers with the one page that
// holds nothing of anybody, and notes the two forms that may be sent later. It keeps no page of a person, ever.
importScripts({{ queue|tojson }});

const SHELL = {{ shell|tojson }};
const SIGN_OUT = {{ url_for("accounts.sign_out")|tojson }};
const FILES = {{ files|tojson }};
const CACHE = "shell " + {{ (files|join(" "))|tojson }};
const FORMS = [
  [/^\/bags\/(GB-\d+)\/issue$/, "issue"],
  [/^\/counts\/([A-Z]+-\d+)\/things\/(\d+)$/, "see"],
];
const HURRIED = /^\/($|station\/|bags\/issue$|bags\/GB-\d+\/issue$|counts\/|no-signal$)/;
const PATIENCE_MS = 12_000;

self.addEventListener("install", (event) => {
  event.waitUntil(keepShell().then(() => self.skipWaiting()));
});

// The page is asked for as by nobody, so that nothing of whoever is signed in is in it.
async function keepShell() {
  const cache = await caches.open(CACHE);
  await cache.addAll(FILES);
  const answer = await fetch(SHELL, { credentials: "omit", cache: "no-store" });
  if (!answer.ok || answer.redirected) throw new TypeError("no page to keep"); // the worker is installed another time
  await cache.put(SHELL, answer);
}

self.addEventListener("activate", (event) => {
  event.waitUntil(dropOthers().then(() => self.clients.claim()));
});

async function dropOthers() {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith("shell ") && name !== CACHE).map((name) => caches.delete(name)));
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (origin !== self.location.origin) return;
  if (request.mode === "navigate") event.respondWith(page(request, pathname));
  else if (FILES.includes(pathname)) event.respondWith(kept(request));
});

async function kept(request) {
  return (await caches.match(request.url)) ?? fetch(request);
}

async function page(request, pathname) {
  const form = request.method === "POST" && FORMS.find(([pattern]) => pattern.test(pathname));
  const copy = form && request.clone();
  try {
    return await asked(request, form || HURRIED.test(pathname));
  } catch {
    if (form) return noted(form, pathname, await copy.formData());
    // The page says that what was sent may be lost; signing out is the one form that this phone does by itself.
    if (request.method === "POST" && pathname !== SIGN_OUT) return Response.redirect(`${SHELL}#unsent`, 303);
    return (await caches.match(SHELL)) ?? Response.error();
  }
}

// Where a page of ours can take over, a bad signal is given up after a while.
function asked(request, hurried) {
  if (!hurried) return fetch(request);
  const late = new Promise((_, reject) => setTimeout(() => reject(new TypeError("no signal")), PATIENCE_MS));
  return Promise.race([fetch(request), late]);
}

// Whether the form reached the service is not known; its submission id makes sending it again the same act.
async function noted([pattern, act], pathname, data) {
  const [, about, position = "0"] = pattern.exec(pathname);
  const fields = [...data].filter(([name]) => !["csrf_token", "submission_id"].includes(name));
  const slip = { act, about, position: Number(position), fields };
  const id = await self.goBags.note(slip, data.get("submission_id") || undefined);
  return Response.redirect(id ? `${SHELL}#${id}` : `${SHELL}#lost`, 303);
}

self.addEventListener("sync", (event) => {
  if (event.tag === "send") event.waitUntil(self.goBags.send());
});
