// The page that stands in for all others without signal: issuing a Go Bag and counting, from what this phone keeps.
// Its addresses are those of the pages it stands in for, so the same link leads to the true page once there is signal.
// Whatever is written here goes through textContent.
import { agreed } from "./pages.js";
import "./queue.js";

const { account, leave, left, note, send, setAside, slips } = self.goBags;
const TRY_EVERY_MS = 30_000;
// Not every browser says that the signal is back, so without it the page looks by itself this often.
const LOOK_EVERY_MS = 2_000;
const DRIFT_MS = 120_000;

const all = document.querySelector("[data-kept]");
const at = (name) => all.querySelector(`[data-${name}]`);
const heading = document.querySelector("h1");
let mine = null;
let noted = [];
let signal = null;
let tried = 0;
let trying = false;

const plural = (count, one) => `${count} ${one}${count === 1 ? "" : "s"}`;

function made(tag, text, attributes = {}) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(text);
  return element;
}

const moment = new Intl.DateTimeFormat("en-GB", {
  day: "numeric", month: "long", year: "numeric", hour: "numeric", minute: "2-digit", hour12: true, timeZone: "Europe/London",
});
const written = (when) => moment.format(new Date(when)).replace(" am", "am").replace(" pm", "pm");

// The clock in London, as the forms take it: 2026-11-22T03:10.
function clock(when = new Date()) {
  const parts = new Intl.DateTimeFormat("sv-SE", {
    year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", timeZone: "Europe/London",
  }).format(when);
  return parts.replace(" ", "T");
}

// ---- Which page is stood in for -----------------------------------------------------------------

function asked() {
  const { pathname, searchParams } = new URL(location.href);
  const bag = /^\/bags\/(GB-\d+)\/issue$/.exec(pathname);
  const typed = searchParams.get("tag");
  const line = /^\/counts\/([A-Z]+-\d+)\/things\/(\d+)$/.exec(pathname);
  const count = /^\/counts\/([A-Z]+-\d+)$/.exec(pathname);
  if (bag) return { view: "issue", tag: bag[1] };
  if (pathname === "/bags/issue") return typed ? { view: "find", typed } : { view: "find" };
  if (line) return { view: "see", reference: line[1], position: Number(line[2]) };
  if (count) return { view: "count", reference: count[1] };
  return { view: "home" };
}

function show(name, title) {
  for (const view of all.querySelectorAll("[data-view]")) view.hidden = view.dataset.view !== name;
  heading.textContent = title;
  document.title = `${title} – Go Bags`;
}

async function paint() {
  mine = await account();
  noted = await slips();
  at("leave").hidden = !mine || Boolean(document.querySelector("meta[name=account-mark]"));
  paintSlips();
  if (!mine) return paintLocked();
  at("known").textContent = `Signed in as ${mine.name}. As this phone knew it on ${written(mine.at)}.`;
  const where = asked();
  if (mine.kept.bags === null && ["find", "issue"].includes(where.view)) return paintHome();
  if (where.view === "find") return where.typed === undefined ? paintFind() : find(where.typed);
  if (where.view === "issue") return paintIssue(where.tag);
  if (where.view === "see") return paintLine(where.reference, where.position);
  if (where.view === "count") return paintCount(where.reference);
  return paintHome();
}

async function paintLocked() {
  show("locked", "Kept on this phone");
  at("known").textContent = "";
  const waiting = await left();
  at("waiting").textContent = waiting
    .map(({ name, waiting: still, refused }) => `Sign in as ${name} to send ${plural(still + refused, "slip")}.`)
    .join(" ");
}

function paintHome() {
  show("home", "Kept on this phone");
  at("actions").hidden = mine.kept.bags === null;
  at("counts").replaceChildren();
  for (const count of mine.kept.counts ?? []) {
    const list = made("ul", "", { class: "app-choices" });
    list.append(choice(`/counts/${count.reference}`, `Count ${count.reference}`, count.place));
    at("counts").append(list);
  }
}

function choice(href, title, detail) {
  const link = made("a", made("strong", title), { href, class: "govuk-link" });
  link.append(" ", made("span", detail));
  const item = document.createElement("li");
  item.append(link);
  return item;
}

// ---- Issuing ------------------------------------------------------------------------------------

const given = (tag) => noted.find((each) => each.act === "issue" && each.about === tag && each.state !== "refused");

function paintFind() {
  show("find", "Issue a Go Bag");
  const ready = mine.kept.bags.filter((bag) => bag.issuable && !given(bag.tag));
  at("ready-heading").hidden = ready.length === 0;
  at("ready").replaceChildren(
    ...ready.slice(0, 8).map((bag) => {
      const languages = bag.languages.map(([, name]) => name).join(", ") || "none inside";
      return choice(`/bags/${bag.tag}/issue`, bag.tag, `${bag.recipe}, booklet: ${languages}, at ${bag.place}`);
    }),
  );
}

function tagIn(text) {
  const typed = text.trim().toUpperCase();
  const sealed = mine.kept.bags.find((bag) => bag.seal?.toUpperCase() === typed);
  if (sealed) return sealed.tag;
  const found = /(?:^|[/\s])GB[- ]?0*(\d{1,9})(?:$|[/?#\s])/.exec(typed) ?? /^0*(\d{1,9})$/.exec(typed);
  return found ? `GB-${found[1].padStart(5, "0")}` : null;
}

function find(typed) {
  const tag = tagIn(typed);
  if (tag) return location.assign(`/bags/${tag}/issue`);
  paintFind();
  all.querySelector("#tag").value = typed;
  return refuse("tag", "Enter the tag on the bag, like GB-00007");
}

function refuse(id, words) {
  const error = all.querySelector(`#${id}-error`);
  error.textContent = words;
  error.hidden = false;
  all.querySelector(`#${id}`).focus();
}

function paintIssue(tag) {
  show("issue", `Issue ${tag}`);
  const bag = mine.kept.bags.find((each) => each.tag === tag);
  const before = given(tag);
  const closed = Boolean(before) || (bag && !bag.issuable);
  at("bag").textContent = before
    ? `You noted on ${written(before.noted)} that ${tag} was handed over.`
    : bag
      ? `${bag.readiness}. ${bag.recipe} at ${bag.place}${bag.seal ? `, seal ${bag.seal}` : ""}`
      : `This phone does not know a Go Bag ${tag} at your places. You can note it all the same; it is looked up when it is sent.`;
  at("reasons").replaceChildren(...(bag?.reasons ?? []).map((words) => made("li", words)));
  at("inside").replaceChildren(...(bag?.inside ?? []).map((words) => made("li", words)));
  at("inside-heading").hidden = !bag;
  at("issue").hidden = closed;
  if (closed) return;
  all.querySelector(`#route-${mine.kept.route}`).checked = true;
  paintLanguages(bag?.languages ?? []);
  const off = Math.abs(mine.drift) > DRIFT_MS;
  at("clock").textContent = off
    ? `This phone's clock was ${plural(Math.round(Math.abs(mine.drift) / 60_000), "minute")} ${mine.drift > 0 ? "fast" : "slow"} when it last had signal. Enter the true time`
    : "Change it if it was earlier";
  all.querySelector("#noted-on").value = clock();
  at("do").textContent = `Issue ${tag}`;
  at("issue").onsubmit = (event) => issue(event, tag);
}

function paintLanguages(languages) {
  at("languages").hidden = languages.length < 2;
  at("languages").querySelector(".govuk-radios").replaceChildren(
    ...(languages.length < 2 ? [] : languages).map(([code, name]) => {
      const item = made("div", "", { class: "govuk-radios__item" });
      const id = `language-${code}`;
      item.append(
        made("input", "", { class: "govuk-radios__input", type: "radio", name: "booklet_language", value: code, id }),
        made("label", name, { class: "govuk-label govuk-radios__label", for: id }),
      );
      return item;
    }),
  );
}

async function issue(event, tag) {
  event.preventDefault();
  const data = new FormData(event.target);
  const [day, time] = (data.get("noted") || "").split("T");
  if (!time) return refuse("noted-on", "Enter the date and time at which it was handed over");
  if (data.get("noted") > clock()) return refuse("noted-on", "Enter a time in the past");
  if (!at("languages").hidden && !data.get("booklet_language")) {
    at("language-error").hidden = false;
    return at("languages").querySelector("input").focus();
  }
  const fields = [["route", data.get("route")]];
  if (data.get("booklet_language")) fields.push(["booklet_language", data.get("booklet_language")]);
  for (const part of day.split("-").reverse()) fields.push(["issued_on", part]);
  fields.push(["issued_time", time.slice(0, 5)]);
  return keep({ act: "issue", about: tag, fields });
}

// Goes on to the list, whether or not it could be sent at once.
async function keep(slip, onward = "/no-signal") {
  for (const button of all.querySelectorAll("button")) button.disabled = true;
  const id = await note(slip, undefined, mine.owner);
  if (!id) return paint();
  navigator.serviceWorker.ready.then((worker) => worker.sync?.register("send")).catch(() => {});
  return location.assign(onward);
}

// ---- Counting -----------------------------------------------------------------------------------

const countOf = (reference) => (mine.kept.counts ?? []).find((each) => each.reference === reference);
const counted = (reference, position) =>
  noted.findLast((each) => each.act === "see" && each.about === reference && each.position === position && each.state !== "refused");

function figure(slip) {
  const fields = Object.fromEntries(slip.fields);
  return "counted" in fields ? fields.counted : String(fields.numbers?.split("\n").filter((line) => line.trim()).length ?? 0);
}

function paintCount(reference) {
  const count = countOf(reference);
  if (!count) return paintHome();
  show("count", `Count ${reference} of ${count.place}`);
  return at("lines").replaceChildren(
    ...count.lines.map((line) => {
      const slip = counted(reference, line.position);
      const state = slip ? `You noted ${figure(slip)}` : line.done ? "Counted" : "Not counted yet";
      return choice(`/counts/${reference}/things/${line.position}`, line.name, state);
    }),
  );
}

function paintLine(reference, position) {
  const count = countOf(reference);
  const line = count?.lines.find((each) => each.position === position);
  if (!line) return paintCount(reference);
  show("see", line.name);
  at("units").hidden = line.numbered;
  at("numbers").hidden = !line.numbered;
  at("see").onsubmit = (event) => see(event, count, line);
}

function see(event, count, line) {
  event.preventDefault();
  const data = new FormData(event.target);
  const fields = [];
  if (line.numbered) {
    const numbers = data.get("numbers").trim();
    if (!numbers && !data.get("none_there")) return refuse("numbers", "Enter what is there, or tick that there are none");
    if (numbers) fields.push(["numbers", numbers]);
    if (data.get("none_there")) fields.push(["none_there", "y"]);
  } else {
    const units = data.get("counted").trim();
    if (!/^\d{1,6}$/.test(units)) return refuse("counted", "Quantity must be 0 or more");
    fields.push(["counted", units]);
  }
  const next = count.lines.find((each) => each.position > line.position && !each.done && !counted(count.reference, each.position));
  const onward = next ? `/counts/${count.reference}/things/${next.position}` : `/counts/${count.reference}`;
  return keep({ act: "see", about: count.reference, position: line.position, fields }, onward);
}

// ---- Slips --------------------------------------------------------------------------------------

const STATES = { waiting: "Waits to be sent", refused: "Not taken in", sent: "Sent" };

function titleOf(slip) {
  if (slip.act === "issue") return `${slip.about} handed over`;
  if (slip.act === "unread") return "A slip that cannot be read";
  const line = countOf(slip.about)?.lines.find((each) => each.position === slip.position);
  return `${line?.name ?? `Line ${slip.position}`}: ${figure(slip)} counted, ${slip.about}`;
}

function pageOf(slip) {
  if (slip.page) return slip.page;
  return slip.act === "issue" ? `/bags/${slip.about}/issue` : `/counts/${slip.about}`;
}

function paintSlips() {
  at("slips").hidden = noted.length === 0;
  at("send").hidden = !noted.some((each) => each.state === "waiting");
  at("list").replaceChildren(...noted.map(itemOf));
}

function itemOf(slip) {
  const item = document.createElement("li");
  item.append(made("strong", titleOf(slip)));
  if (slip.noted) item.append(made("span", `Noted on ${written(slip.noted)}`, { class: "app-under app-muted" }));
  item.append(made("span", `${STATES[slip.state]}${slip.said ? `: ${slip.said}` : ""}`, { class: "app-under" }));
  if (slip.state === "waiting") return item;
  const row = made("span", "", { class: "app-under" });
  if (slip.act !== "unread") {
    row.append(made("a", slip.state === "sent" ? "See it" : "Enter it again on its page", { href: pageOf(slip), class: "govuk-link" }), " ");
  }
  const aside = made("button", slip.state === "sent" ? "Done" : "Set aside", { type: "button", class: "app-link-button" });
  aside.append(made("span", ` ${titleOf(slip)}`, { class: "govuk-visually-hidden" }));
  aside.addEventListener("click", async () => {
    await setAside(slip.n);
    await paint();
  });
  row.append(aside);
  item.append(row);
  return item;
}

// ---- The signal ---------------------------------------------------------------------------------

function saySignal(outcome) {
  signal = outcome.signal;
  const line = at("signal");
  line.hidden = false;
  if (!signal) line.textContent = "No signal. What you note here stays on this phone and is sent when the signal is back.";
  else if (!outcome.signedIn) line.textContent = "There is signal, and you are not signed in.";
  else line.replaceChildren("There is signal. ", made("a", "Go to your pages", { href: "/", class: "govuk-link" }));
}

async function attempt() {
  tried = Date.now();
  const before = signal;
  const outcome = await send();
  saySignal(outcome);
  if (outcome.sent.length || outcome.refused.length || before !== signal) await refresh();
}

async function look() {
  if (trying || (Date.now() - tried < TRY_EVERY_MS && (signal || !navigator.onLine))) return;
  trying = true;
  try {
    await attempt();
  } finally {
    trying = false;
  }
}

// Nothing that a person is filling in is painted anew.
async function refresh() {
  if (["issue", "see"].includes(asked().view) && (await account())) {
    noted = await slips();
    paintSlips();
  } else {
    await paint();
  }
}

// Whoever only counts issues nothing, so these lead nowhere until it is known who has the phone open.
for (const link of all.querySelectorAll("[data-to]")) link.href = link.dataset.to;
at("find").addEventListener("submit", (event) => {
  event.preventDefault();
  find(new FormData(event.target).get("tag"));
});
at("send").addEventListener("click", attempt);
at("leave").addEventListener("click", async () => {
  const open = noted.filter((each) => each.state !== "sent").length;
  if (open && !(await agreed(open))) return;
  await leave(mine.owner);
  await paint();
});
addEventListener("online", attempt);
setInterval(look, LOOK_EVERY_MS);

const LOST = {
  "#lost": "What you sent was neither taken in nor kept, for nobody has this phone open. Sign in and enter it again.",
  "#unsent": "What you sent is not kept on this phone. When there is signal, look whether it was taken in before you enter it again.",
};
if (LOST[location.hash]) at("signal").after(made("p", LOST[location.hash], { class: "govuk-error-message", role: "alert" }));
await paint();
await attempt();
