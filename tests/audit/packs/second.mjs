// A second check of a sealed pack, written from docs/PACK.md alone, in another language than the first.
//
//     node second.mjs PACK.zip KEY [CHECKPOINT.txt ...]
//
// Prints one finding a line as "kind: words"; exit 0 sound, 1 not, 2 could not check.

import { createHash, createPublicKey, verify } from "node:crypto";
import { readFileSync } from "node:fs";
import { inflateRawSync } from "node:zlib";

const sha = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash("sha256")).digest();
const findings = [];
const say = (kind, words) => findings.push(`${kind}: ${words}`);

// ---- Section 2: the ZIP, by its central directory -------------------------------------------------

function unzip(bytes) {
  let end = bytes.length - 22;
  while (end >= 0 && bytes.readUInt32LE(end) !== 0x06054b50) end -= 1;
  if (end < 0) throw new Error("no ZIP");
  const count = bytes.readUInt16LE(end + 10);
  let at = bytes.readUInt32LE(end + 16);
  const files = new Map();
  for (let number = 0; number < count; number += 1) {
    if (bytes.readUInt32LE(at) !== 0x02014b50) throw new Error("no ZIP");
    const [method, packed] = [bytes.readUInt16LE(at + 10), bytes.readUInt32LE(at + 20)];
    const [named, extra, comment] = [28, 30, 32].map((offset) => bytes.readUInt16LE(at + offset));
    const name = bytes.toString("utf8", at + 46, at + 46 + named);
    const local = bytes.readUInt32LE(at + 42);
    const begin = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28);
    const data = bytes.subarray(begin, begin + packed);
    if (files.has(name)) say("files", `${name} twice`);
    files.set(name, method === 8 ? inflateRawSync(data) : data);
    at += 46 + named + extra + comment;
  }
  return files;
}

// ---- Section 3: trees, by the definition --------------------------------------------------------

const leafHash = (leaf) => sha(Buffer.from([0]), leaf);
const nodeHash = (left, right) => sha(Buffer.from([1]), left, right);

function rootOf(hashes, begin = 0, end = hashes.length) {
  if (end === begin) return sha();
  if (end - begin === 1) return hashes[begin];
  let split = 1;
  while (split * 2 < end - begin) split *= 2;
  return nodeHash(rootOf(hashes, begin, begin + split), rootOf(hashes, begin + split, end));
}

// PROOF(m, D[n]) of RFC 6962, 2.1.2, made anew from the leaves; whoever has them needs no other check of one.
function proofOf(hashes, old, begin = 0, end = hashes.length, known = true) {
  if (old === end - begin) return known ? [] : [rootOf(hashes, begin, end)];
  let split = 1;
  while (split * 2 < end - begin) split *= 2;
  if (old <= split) return [...proofOf(hashes, old, begin, begin + split, known), rootOf(hashes, begin + split, end)];
  return [...proofOf(hashes, old - split, begin + split, end, false), rootOf(hashes, begin, begin + split)];
}

// ---- Section 4: keys, notes, checkpoints --------------------------------------------------------

function readKey(text) {
  const [, name, id, packed] = /^([^+]+)\+([0-9a-f]{8})\+(\S+)$/.exec(text.trim()) ?? [];
  const data = Buffer.from(packed ?? "", "base64");
  if (data.length !== 33 || data[0] !== 1) throw new Error("no key");
  if (sha(name, "\n", data).subarray(0, 4).toString("hex") !== id) throw new Error("damaged key");
  const der = Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), data.subarray(1)]);
  return { text: text.trim(), name, id, key: createPublicKey({ key: der, format: "der", type: "spki" }) };
}

function signedBy(keys, note) {
  const middle = note.lastIndexOf("\n\n");
  const text = Buffer.from(note.slice(0, middle + 1));
  return note.slice(middle + 2).split("\n").some((line) => {
    const [, name, packed] = /^— (\S+) (\S+)$/.exec(line) ?? [];
    const blob = Buffer.from(packed ?? "", "base64");
    const id = blob.subarray(0, 4).toString("hex");
    return keys.some((each) => each.name === name && each.id === id && verify(null, text, each.key, blob.subarray(4)));
  });
}

function readCheckpoint(note, name, tables = null) {
  const [origin, size, root, ...more] = note.slice(0, note.lastIndexOf("\n\n")).split("\n");
  const said = new Map(more.map((line) => [line.split(" ")[0], line.slice(line.indexOf(" ") + 1)]));
  const [accessSize, accessRoot] = said.get("access").split(" ");
  return {
    name, note, origin, tables, rows: said.get("rows"), at: said.get("at"), next: said.get("next-key"),
    sizes: { changes: Number(size), access: Number(accessSize) }, roots: { changes: root, access: accessRoot },
  };
}

// ---- The check ----------------------------------------------------------------------------------

function check(files, pinned, earlier) {
  const text = (name) => files.get(name)?.toString("utf8") ?? "";
  const lines = (name) => text(name).split("\n").slice(0, -1);
  const json = (name) => lines(name).map((line) => JSON.parse(line));
  const rows = (name) => json(`rows/${name}.jsonl`);
  const manifest = JSON.parse(text("manifest.json"));
  if (manifest.format !== "go-bags-pack 1") throw new Error("unknown format");

  for (const [name, [size, digest]] of Object.entries(manifest.files)) {
    const data = files.get(name);
    if (!data) say("files", `${name} missing`);
    else if (data.length !== size || sha(data).toString("hex") !== digest) say("files", `${name} changed`);
    if (data && name.startsWith("evidence/") && name !== `evidence/${sha(data).toString("hex")}`) {
      say("evidence", `${name} swapped`);
    }
  }
  for (const name of files.keys()) {
    if (!(name in manifest.files) && !["manifest.json", "manifest.note"].includes(name)) say("files", `${name} extra`);
  }

  const trusted = [pinned];
  const points = json("checkpoints.jsonl").map((row) => readCheckpoint(row.note, row.id, row.tables));
  if (!points.length) say("signatures", "no checkpoint");
  let begun = false;
  const hold = (point, must) => {
    const good = signedBy(trusted, point.note);
    if (point.origin !== pinned.name) say("signatures", `${point.name} of another origin`);
    if (!good && must) say("signatures", `${point.name} not signed by the pinned key`);
    if (good && point.next) trusted.push(readKey(point.next));
    return must || good;
  };
  points.forEach((point, number) => {
    begun = hold(point, begun || number === points.length - 1);
    const before = points[number - 1];
    if (before && point.at < before.at) say("signatures", `${point.name} backdated`);
    if (before && ["changes", "access"].some((log) => point.sizes[log] < before.sizes[log])) {
      say("log", `${point.name} shorter than ${before.name}`);
    }
  });
  earlier.forEach((point) => hold(point, true));
  if (manifest.unsigned) say("signatures", `unsigned: ${manifest.unsigned}`);
  const note = text("manifest.note");
  const digest = sha(files.get("manifest.json")).toString("base64");
  if (!note.startsWith(`${pinned.name}\npack\n${digest}\n\n`) || !signedBy(trusted, note)) {
    say("signatures", "manifest not signed by the pinned key");
  }

  const newest = points[points.length - 1];
  for (const log of ["changes", "access"]) {
    const hashes = lines(`logs/${log}.jsonl`).map((line) => leafHash(Buffer.from(line)));
    const kept = lines(`logs/${log}.hashes.txt`);
    hashes.forEach((each, number) => {
      if (kept[number] !== each.toString("hex")) say("log", `${log} entry ${number + 1} changed`);
    });
    if (kept.length > hashes.length) say("log", `${log} cut off after ${hashes.length}`);
    if (manifest.entries[log] !== hashes.length) say("log", `${log} has another number of entries`);
    for (const point of [...points, ...earlier]) {
      if (point.sizes[log] > hashes.length) say("log", `${log} shorter than ${point.name}`);
      else if (rootOf(hashes, 0, point.sizes[log]).toString("base64") !== point.roots[log]) {
        say("log", `${log} is not what ${point.name} signed`);
      }
    }
    if (hashes.length > (newest?.sizes[log] ?? 0)) say("signatures", `end of ${log} not signed`);
    for (const proof of json("proofs/consistency.jsonl")) {
      const [old, to] = [proof.from, proof.to].map((id) => points.find((point) => point.name === id));
      const [from, until] = [old?.sizes[log] ?? 0, to?.sizes[log] ?? 0];
      const own = from && from < until && until <= hashes.length ? proofOf(hashes, from, 0, until) : [];
      if (proof[log].join() !== own.map((each) => each.toString("hex")).join()) say("log", `proof from ${proof.from}`);
    }
  }

  const roots = new Map();
  for (const point of points) {
    if (sha(point.tables).toString("base64") !== point.rows) say("rows", `account of ${point.name} not signed`);
    for (const [name, [size, , root]] of Object.entries(JSON.parse(point.tables))) {
      if (!roots.has(name)) roots.set(name, lines(`rows/${name}.jsonl`).map((line) => leafHash(Buffer.from(line))));
      const hashes = roots.get(name);
      if (size > hashes.length || rootOf(hashes, 0, size).toString("hex") !== root) {
        say("rows", `${name} is not what ${point.name} signed`);
      }
      if (point === newest && hashes.length > size) say("signatures", `end of ${name} not signed`);
    }
  }
  const papers = new Set(rows("evidence").map((row) => `evidence/${row.sha256}`));
  for (const name of papers) if (!files.has(name)) say("evidence", `${name} missing`);
  for (const name of files.keys()) {
    if (name.startsWith("evidence/") && !papers.has(name)) say("evidence", `${name} of no paper`);
  }
  for (const name of files.keys()) if (name.startsWith("rows/")) written(name, lines(name));
  books(rows, json);
  for (const name of files.keys()) if (/^figures\/.*\.csv$/.test(name)) totals(name, text(name));
}

const canonical = (value) =>
  value !== null && typeof value === "object" && !Array.isArray(value)
    ? `{${Object.keys(value).sort().map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`).join()}}`
    : Array.isArray(value) ? `[${value.map(canonical).join()}]` : JSON.stringify(value);

function written(name, lines) {
  let before = 0;
  lines.forEach((line, number) => {
    const row = JSON.parse(line);
    if (canonical(row) !== line) say("rows", `${name} line ${number + 1} not canonical`);
    for (const [column, value] of Object.entries(row)) {
      if (/(^|_)pence$/.test(column) && !Number.isSafeInteger(value)) say("rows", `${name} line ${number + 1}: pence`);
    }
    if (Number.isInteger(row.id) && row.id <= before) say("rows", `${name} line ${number + 1} out of order`);
    before = row.id ?? before;
  });
}

// ---- Section 8 ----------------------------------------------------------------------------------

function books(rows, json) {
  const add = (map, key, value) => map.set(key, (map.get(key) ?? 0) + value);
  const places = new Map(rows("place").map((row) => [row.id, row]));
  const lots = new Map(rows("lot").map((row) => [row.id, row.code]));
  const [held, ends, moves] = [new Map(), new Map(), rows("move")];
  const balances = new Map(rows("balance").map((row) => [`${row.place_id} ${row.lot_id}`, row]));
  for (const move of moves) {
    for (const [place, sign] of [[move.from_place_id, -1], [move.to_place_id, 1]]) {
      const key = `${place} ${move.lot_id}`;
      add(held, key, sign * move.unit_count);
      if (move.id <= (balances.get(key)?.explained_by_move_id ?? 0)) add(ends, key, sign * move.unit_count);
    }
  }
  for (const [key, row] of balances) if ((ends.get(key) ?? 0) !== row.unit_count) say("balances", `balance ${key}`);
  const said = new Map(json("figures/stock.jsonl").map((row) => [`${row.place} ${row.lot}`, row.units]));
  for (const [key, units] of held) {
    const [place, lot] = key.split(" ").map(Number);
    if (!places.get(place)?.holds_stock) continue;
    const code = `${places.get(place).code} ${lots.get(lot)}`;
    if ((said.get(code) ?? 0) !== units || units < 0) say("balances", `stock ${code}`);
    said.delete(code);
  }
  for (const [code, units] of said) if (units !== 0) say("balances", `stock ${code}`);

  const byMove = new Map(moves.map((move) => [move.id, move]));
  for (const [thing, find] of [["bag", (move) => move], ["unit", (move) => byMove.get(move.move_id)]]) {
    const last = new Map();
    for (const move of rows(`${thing}_move`)) {
      const [key, way] = [move[`${thing}_id`], find(move)];
      if (last.has(key) && last.get(key) !== way?.from_place_id) say("positions", `${thing} ${key} jumps`);
      last.set(key, way?.to_place_id);
    }
    for (const row of rows(`${thing}_position`)) {
      if (last.get(row[`${thing}_id`]) !== row.place_id) say("positions", `${thing} ${row[`${thing}_id`]}`);
    }
  }

  const within = (sum, whole) => Math.abs(sum) <= Math.abs(whole) && sum * whole >= 0;
  const [given, byLine, billed, explained, imported] = [1, 2, 3, 4, 5].map(() => new Map());
  for (const row of rows("apportionment")) {
    add(given, row.row_id, row.pence);
    add(byLine, row.grant_line_id, row.pence);
  }
  for (const row of rows("spending_row")) {
    const cost = row.net_pence + (row.vat_recoverable ? 0 : row.vat_pence);
    if (!within(given.get(row.id) ?? 0, cost)) say("money", `split of ${row.reference}`);
    if (row.invoice_id) add(billed, row.invoice_id, row.net_pence + row.vat_pence);
  }
  for (const row of rows("supplier_invoice")) {
    if ((billed.get(row.id) ?? 0) !== row.gross_pence) say("money", `invoice ${row.reference}`);
  }
  for (const row of rows("ledger_match")) add(explained, row.line_id, row.pence);
  for (const row of rows("ledger_cancellation")) {
    add(explained, row.line_id, row.pence);
    add(explained, row.taken_back_by_id, -row.pence);
  }
  for (const row of rows("ledger_line")) {
    add(imported, `${row.import_id} count`, 1);
    add(imported, `${row.import_id} pence`, row.net_pence);
    if (!within(explained.get(row.id) ?? 0, row.net_pence)) say("money", `ledger line ${row.id}`);
  }
  for (const row of rows("ledger_import")) {
    const [count, pence] = ["count", "pence"].map((each) => imported.get(`${row.id} ${each}`) ?? 0);
    if (count !== row.imported_count || pence !== row.imported_pence) say("money", `import ${row.reference}`);
  }
  const budgets = new Map(rows("grant_line").map((row) => [row.id, row.budget_pence]));
  for (const row of rows("budget_change")) {
    add(budgets, row.from_line_id, -row.pence);
    add(budgets, row.to_line_id, row.pence);
  }
  for (const row of rows("line_correction")) add(budgets, row.grant_line_id, row.pence);
  const awards = new Map(rows("award").map((row) => [row.id, row.code]));
  const figures = new Map(json("figures/grant-lines.jsonl").map((row) => [row.line, row]));
  for (const row of rows("grant_line")) {
    const line = figures.get(`${awards.get(row.award_id)}/${row.code}`);
    if (line?.budget_pence !== budgets.get(row.id) || line?.apportioned_pence !== (byLine.get(row.id) ?? 0)) {
      say("money", `grant line ${row.code}`);
    }
  }
  for (const row of rows("note")) {
    if (row.text !== undefined && sha(Buffer.from(row.salt ?? "", "hex"), row.text).toString("hex") !== row.commitment) {
      say("notes", `note ${row.id}`);
    }
  }
}

function* cellsOf(text) {
  let [row, cell, quoted] = [[], "", false];
  for (let at = 0; at < text.length; at += 1) {
    const each = text[at];
    if (quoted) {
      if (each !== '"') cell += each;
      else if (text[at + 1] === '"') [cell, at] = [`${cell}"`, at + 1];
      else quoted = false;
    } else if (each === '"') quoted = true;
    else if (each === "," || each === "\n") {
      row.push(cell.replace(/\r$/, ""));
      cell = "";
      if (each === "\n") {
        yield row;
        row = [];
      }
    } else cell += each;
  }
}

function totals(name, text) {
  const tables = new Map();
  for (const [table, part, line, , figure, value, unit, ...rest] of cellsOf(text.replace(/^\ufeff/, ""))) {
    if (rest.length || !["pounds", "count"].includes(unit) || ["Yes", "No"].includes(value)) continue;
    if (!(unit === "pounds" ? /^-?\d+\.\d\d$/ : /^-?\d+$/).test(value)) say("totals", `${name} ${table} ${value}`);
    if (!tables.has(table)) tables.set(table, new Map());
    const rows = tables.get(table);
    const key = `${part} ${line}`;
    rows.set(key, { part, ...rows.get(key), [`=${figure}`]: Number(value.replace(".", "")) });
  }
  for (const [table, rows] of tables) {
    const walk = [...rows.values()].some((row) => "=Rows behind it" in row);
    const sums = {};
    for (const { part, ...row } of rows.values()) {
      const sum = part === "total" || (walk && !("=Rows behind it" in row));
      for (const [figure, value] of Object.entries(row)) {
        if (sum && (sums[figure] ?? 0) !== value) say("totals", `${name} ${table} ${figure}`);
        if (!sum) sums[figure] = (sums[figure] ?? 0) + value;
      }
    }
  }
}

try {
  const [pack, key, ...given] = process.argv.slice(2);
  const files = unzip(readFileSync(pack));
  check(files, readKey(key), given.map((file) => readCheckpoint(readFileSync(file, "utf8"), file)));
} catch (problem) {
  console.log(`could not check: ${problem.message}`);
  process.exit(2);
}
for (const words of findings) console.log(words);
process.exit(findings.length ? 1 : 0);
