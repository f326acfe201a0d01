// What this phone keeps for one account, and the slips that wait to be sent. Pages and the worker share this file, so
// it is neither module nor page script: it hangs its few functions on `self`.
//
// Store "account" has one account at most: whose phone this is now, the key, and what may be done without signal. Beside
// it stands who signed out here, until the service has heard of it. Store "slips" has what was noted. All that is said in either is encrypted with the key of its account, which the service
// hands to nobody else; what stands open is whose a slip is, its id and whether it still waits. When the account
// leaves, its key goes with the first store, and its slips stay as they are until it signs in again.
(() => {
  const STALE_MS = 120_000;
  const PATIENCE_MS = 15_000;
  const BACK_MS = 300_000;
  const ROW = "now";
  const LEAVING = "leaving";
  const words = new TextEncoder();

  function opened() {
    return new Promise((resolve, reject) => {
      const asked = indexedDB.open("go-bags", 1);
      asked.onupgradeneeded = () => {
        asked.result.createObjectStore("account");
        asked.result.createObjectStore("slips", { keyPath: "n", autoIncrement: true }).createIndex("id", "id");
      };
      asked.onsuccess = () => resolve(asked.result);
      asked.onerror = () => reject(asked.error);
    });
  }

  // Runs one transaction; what it wrote has reached the disk when this is done.
  async function within(stores, mode, act) {
    const base = await opened();
    try {
      return await new Promise((resolve, reject) => {
        const tx = base.transaction(stores, mode, { durability: "strict" });
        const asked = act(...stores.map((name) => tx.objectStore(name)));
        tx.oncomplete = () => resolve(asked?.result);
        tx.onerror = tx.onabort = () => reject(tx.error);
      });
    } finally {
      base.close();
    }
  }

  async function locked(key, about, value) {
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const sealed = { name: "AES-GCM", iv, additionalData: words.encode(about) };
    return { iv, data: await crypto.subtle.encrypt(sealed, key, words.encode(JSON.stringify(value))) };
  }

  async function unlocked(key, about, { iv, data }) {
    const sealed = { name: "AES-GCM", iv, additionalData: words.encode(about) };
    return JSON.parse(new TextDecoder().decode(await crypto.subtle.decrypt(sealed, key, data)));
  }

  // ---- The account ----------------------------------------------------------------------------

  async function row() {
    const found = await within(["account"], "readonly", (store) => store.get(ROW));
    // A clock that was set back to before the last contact says nothing of how long ago that was.
    if (!found || (found.at - BACK_MS <= Date.now() && Date.now() <= found.until)) return found ?? null;
    await lock();
    return null;
  }

  // Whose phone this is now, with what may be done; null when nobody has it open.
  async function account() {
    const found = await row();
    if (!found) return null;
    const { owner, name, at, drift } = found;
    return { owner, name, at, drift, kept: await unlocked(found.key, owner, found) };
  }

  async function open(kept) {
    const before = await row();
    if (before && before.owner !== kept.owner) await lock();
    const bytes = Uint8Array.from(atob(kept.key), (sign) => sign.charCodeAt(0));
    const key = await crypto.subtle.importKey("raw", bytes, "AES-GCM", false, ["encrypt", "decrypt"]);
    const { owner, name, route, bags, counts } = kept;
    const sealed = await locked(key, owner, { route, bags, counts });
    const drift = Date.now() - Date.parse(kept.at);
    const until = Date.now() + Date.parse(kept.until) - Date.parse(kept.at);
    const fresh = { owner, name, key, until, drift, at: Date.now(), ...sealed };
    // Whoever signed out while the service was answering is not let in by its answer.
    await within(["account"], "readwrite", (store) => {
      store.get(LEAVING).onsuccess = ({ target: { result: gone } }) => {
        if (gone !== owner) store.put(fresh, ROW);
      };
    });
  }

  // Forgets the key, what was kept and what was sent. Slips that wait stay, and nobody here can read them.
  function lock() {
    return within(["account", "slips"], "readwrite", (accounts, slips) => {
      accounts.delete(ROW);
      slips.openCursor().onsuccess = ({ target: { result: cursor } }) => {
        if (!cursor) return;
        if (cursor.value.state === "sent") cursor.delete();
        cursor.continue();
      };
    });
  }

  // Signs an account out on this phone. Its session lives until the service hears of it, which may be much later, and
  // till then nothing that the service answers opens the phone for it.
  async function leave(owner) {
    await within(["account"], "readwrite", (store) => store.put(owner, LEAVING));
    await lock();
  }

  const leaving = () => within(["account"], "readonly", (store) => store.get(LEAVING));

  // The service knows that whoever signed out here did.
  const arrived = () => within(["account"], "readwrite", (store) => store.delete(LEAVING));

  // ---- Slips ----------------------------------------------------------------------------------

  const rows = () => within(["slips"], "readonly", (store) => store.getAll());

  // Notes a slip; gives its id, or null when nobody has the phone open, or another than the owner of the page has.
  async function note(slip, id = crypto.randomUUID(), owner = null) {
    const mine = await row();
    if (!mine || (owner && mine.owner !== owner)) return null;
    const said = { noted: new Date().toISOString(), position: 0, ...slip };
    const sealed = await locked(mine.key, mine.owner + id, said);
    const fresh = { id, owner: mine.owner, name: mine.name, state: "waiting", ...sealed };
    await within(["slips"], "readwrite", (store) => {
      store.index("id").getKey(id).onsuccess = ({ target: { result: n } }) => {
        store.put(n === undefined ? fresh : { ...fresh, n });
      };
    });
    return id;
  }

  // The slips of whoever has the phone open, oldest first.
  async function slips() {
    const mine = await row();
    if (!mine) return [];
    const own = (await rows()).filter((each) => each.owner === mine.owner);
    return Promise.all(own.map((each) => read(mine.key, each)));
  }

  async function read(key, { n, id, owner, state, iv, data }) {
    try {
      return { ...(await unlocked(key, owner + id, { iv, data })), n, id, owner, state };
    } catch {
      const said = "This cannot be read with your sign-in any more. Enter again what you noted, and set this aside";
      return { n, id, owner, state: "refused", act: "unread", about: "", fields: [], said };
    }
  }

  // How many slips of each account were not taken in: [{ owner, name, waiting, refused }].
  async function left() {
    const found = new Map();
    for (const { owner, name, state } of await rows()) {
      if (state === "sent") continue;
      const sum = found.get(owner) ?? { owner, name, waiting: 0, refused: 0 };
      sum[state] += 1;
      found.set(owner, sum);
    }
    return [...found.values()];
  }

  async function settle(slip, state, answer) {
    const mine = await row();
    if (mine?.owner !== slip.owner) return;
    const { n, id, owner, state: _before, ...said } = slip;
    const sealed = await locked(mine.key, owner + id, { ...said, ...answer });
    await within(["slips"], "readwrite", (store) => store.put({ n, id, owner, name: mine.name, state, ...sealed }));
  }

  const setAside = (n) => within(["slips"], "readwrite", (store) => store.delete(n));

  // ---- The service ----------------------------------------------------------------------------

  async function ask(path, options = {}) {
    const headers = { Accept: "application/json", ...options.headers };
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const answer = await fetch(path, { ...options, headers, signal, redirect: "error", cache: "no-store" });
    // Whoever else answers, such as the sign-in page of a hotel's network, is not the service.
    if (!answer.headers.get("Content-Type")?.startsWith("application/json")) throw new TypeError("not the service");
    return { status: answer.status, said: await answer.json() };
  }

  // Sends what waits, one after the other and never from two pages at once. Gives { signal, signedIn, sent, refused }.
  function send() {
    return navigator.locks.request("go-bags-send", async () => {
      const outcome = { signal: false, signedIn: false, sent: [], refused: [] };
      try {
        const { status, said } = await ask("/no-signal/kept");
        outcome.signal = true;
        if (status === 401) await arrived();
        if (status === 401 || status === 403) await lock();
        if (status !== 200) return outcome;
        if ((await leaving()) === said.owner) {
          await signOut(said.token);
          return outcome;
        }
        outcome.signedIn = true;
        await open(said);
        for (const slip of (await slips()).filter((each) => each.state === "waiting")) {
          if (!(await sendOne(slip, said.token, outcome))) break;
        }
      } catch (problem) {
        if (!(problem instanceof TypeError) && !["TimeoutError", "AbortError"].includes(problem.name)) throw problem;
        outcome.signal = false;
      }
      return outcome;
    });
  }

  // Tells the service that an account signed out here; it answers with a way to the sign-in page, which is not followed.
  async function signOut(token) {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const headers = { "X-CSRFToken": token };
    const answer = await fetch("/sign-out", { method: "POST", headers, signal, redirect: "manual", cache: "no-store" });
    if (answer.type === "opaqueredirect") await arrived();
  }

  // Sends one slip; says whether the next may be tried.
  async function sendOne(slip, token, outcome) {
    const { owner, id, act, about, position, noted, fields } = slip;
    const headers = { "Content-Type": "application/json", "X-CSRFToken": token };
    const body = JSON.stringify({ owner, id, act, about, position, noted, fields });
    const { status, said } = await ask("/no-signal/send", { method: "POST", headers, body });
    if (status === 401) {
      await lock();
      outcome.signedIn = false;
      return false;
    }
    if (status === 200) {
      await settle(slip, "sent", said);
      outcome.sent.push(said);
    } else if ([403, 404, 409, 413, 422].includes(status)) {
      const words = status === 404 ? "There is no such Go Bag or count at your places. Check the tag" : said.message;
      await settle(slip, "refused", { said: words });
      outcome.refused.push(words);
    }
    // 400 is a token of an ended session, 429 and 5xx a busy service: it waits.
    return status !== 400 && status !== 429;
  }

  const stale = (mine) => Date.now() - mine.at > STALE_MS;

  self.goBags = { account, arrived, leave, leaving, lock, note, slips, left, send, setAside, stale };
})();
