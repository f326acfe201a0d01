// Say beside the amounts what would be left to apportion, as they are typed. The server splits and decides; without
// this file its answer says the same.
const told = document.querySelector("#left");
const form = told.closest("form");
const cost = Number(told.dataset.cost);
const left = Number(told.dataset.left);
const wholes = { percentage: 10_000, units: Number(told.dataset.units) };

const READ = {
  pounds: /^(-?)£?(\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d\d))?$/,
  percentage: /^()(\d+)(?:\.(\d{1,2}))?%?$/,
  units: /^()(\d{1,3}(?:,\d{3})+|\d+)$/,
};

// Pence, hundredths of a per cent or units; NaN for what is none.
function amount(text, by) {
  const found = READ[by].exec(text.replaceAll("−", "-"));
  if (!found) return NaN;
  const number = Number(found[2].replaceAll(",", ""));
  const size = by === "units" ? number : number * 100 + Number((found[3] ?? "").padEnd(2, "0"));
  return found[1] ? -size : size;
}

// What the last part of a total costs, split by largest remainder; of equal remainders the earlier gets the penny.
function lastPart(total, weights) {
  const size = Math.abs(total);
  const whole = weights.reduce((sum, weight) => sum + weight, 0);
  const parts = weights.map((weight) => Math.floor((size * weight) / whole));
  const over = size - parts.reduce((sum, part) => sum + part, 0);
  const order = weights.map((weight, i) => [-((size * weight) % whole), i]).sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  const last = weights.length - 1;
  return Math.sign(total) * (parts[last] + (order.slice(0, over).some(([, i]) => i === last) ? 1 : 0));
}

const pounds = (pence) => (Math.abs(pence) / 100).toLocaleString("en-GB", { style: "currency", currency: "GBP" });

function words() {
  const by = form.elements.by.value;
  const typed = [...form.querySelectorAll("input[name$=-amount]")].map((each) => each.value.trim()).filter(Boolean);
  const amounts = typed.map((text) => amount(text, by));
  if (!amounts.length || amounts.some(Number.isNaN)) return "";
  const sum = amounts.reduce((all, each) => all + each, 0);
  if (by !== "pounds" && sum > wholes[by]) return "This is more than the whole row";
  const given = by === "pounds" ? sum : cost - lastPart(cost, [...amounts, wholes[by] - sum]);
  const rest = left - given;
  if (rest === 0) return "Nothing would be left to apportion";
  if (Math.sign(rest) !== Math.sign(cost)) return `This is ${pounds(rest)} more than is left to apportion`;
  return `${rest < 0 ? "−" : ""}${pounds(rest)} would be left to apportion`;
}

const show = () => { told.textContent = words(); };
form.addEventListener("input", show);
show();
