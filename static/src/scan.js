// Scanning a label with the camera into the field that a button names. The browser's own detector is used where there
// is one; else `qr` decodes in plain JavaScript, so that no page needs to run WebAssembly. No picture leaves the phone.
const EVERY_MS = 150;

const REFUSED = {
  NotAllowedError: "This browser may not use the camera. Allow it in the browser's settings for this site, or type the number.",
  NotFoundError: "No camera was found. Type the number.",
  NotReadableError: "The camera is in use by something else. Close that, or type the number.",
};

async function detector() {
  const known = await globalThis.BarcodeDetector?.getSupportedFormats?.();
  if (known?.includes("qr_code")) return new globalThis.BarcodeDetector();
  const { BarcodeDetector } = await import("qr/decode.js");
  return new BarcodeDetector();
}

// What is printed on a label is the address of a page; its last part is what a person would type.
function typed(text) {
  if (!/^https?:\/\//.test(text)) return text.trim();
  const parts = new URL(text).pathname.split("/").filter(Boolean);
  return decodeURIComponent(parts.at(-1) ?? "");
}

function fill(field, text) {
  if (field.tagName === "TEXTAREA") {
    const lines = field.value.split("\n").map((line) => line.trim()).filter(Boolean);
    if (!lines.includes(text)) lines.push(text);
    field.value = `${lines.join("\n")}\n`;
  } else {
    field.value = text;
  }
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

export async function scan(button) {
  const field = document.getElementById(button.dataset.scan);
  const said = saidBy(button);
  said.textContent = "Starting the camera…";
  let stream;
  try {
    const [reader, opened] = await Promise.all([
      detector(),
      navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } }),
    ]);
    stream = opened;
    said.textContent = await watch(reader, stream, field);
  } catch (problem) {
    said.textContent = REFUSED[problem.name] ?? "The camera did not work. Type the number.";
  } finally {
    for (const track of stream?.getTracks() ?? []) track.stop();
  }
  field.focus();
}

function saidBy(button) {
  const id = `${button.dataset.scan}-scanned`;
  let said = document.getElementById(id);
  if (!said) {
    said = document.createElement("p");
    said.id = id;
    said.className = "govuk-body";
    said.setAttribute("role", "status");
    button.after(said);
  }
  return said;
}

// Shows what the camera sees until a label is read; a field of several lines goes on until the person is done.
async function watch(reader, stream, field) {
  const several = field.tagName === "TEXTAREA";
  const { dialog, video, line, done } = viewer(several);
  let open = true;
  dialog.addEventListener("close", () => { open = false; });
  done.addEventListener("click", () => dialog.close());
  video.srcObject = stream;
  document.body.append(dialog);
  dialog.showModal();
  await video.play();
  const read = new Set();
  while (open) {
    for (const { rawValue } of await reader.detect(video)) {
      const text = typed(rawValue);
      if (!text || read.has(text)) continue;
      read.add(text);
      fill(field, text);
      line.textContent = `Read ${text}.`;
      if (!several) dialog.close();
    }
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
  }
  dialog.remove();
  return read.size ? `Read ${[...read].join(", ")}.` : "Nothing was read.";
}

function viewer(several) {
  const dialog = document.createElement("dialog");
  dialog.className = "app-dialog";
  dialog.setAttribute("aria-label", "Scan a label");
  const video = document.createElement("video");
  video.className = "app-camera";
  video.muted = true;
  video.playsInline = true;
  const line = document.createElement("p");
  line.className = "govuk-body";
  line.setAttribute("role", "status");
  line.textContent = several ? "Hold each label in view, one after the other." : "Hold the label in view.";
  const done = document.createElement("button");
  done.type = "button";
  done.className = "govuk-button govuk-button--secondary";
  done.textContent = several ? "Done" : "Stop";
  dialog.append(video, line, done);
  return { dialog, video, line, done };
}
