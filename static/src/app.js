// Start the design system's own behaviour. Every page works without this file.
import { initAll } from "govuk-frontend";

initAll();

// Working without signal needs a worker and a key store, which a browser has on a safe connection only.
if (navigator.serviceWorker && globalThis.crypto?.subtle && navigator.locks) {
  import("./offline/pages.js");
  if (document.querySelector("[data-kept]")) import("./offline/kept.js");
}

// A button to scan with is shown where there is a camera; what it takes is loaded when it is pressed.
const scanners = document.querySelectorAll("[data-scan]");
if (scanners.length && navigator.mediaDevices?.getUserMedia) {
  navigator.mediaDevices.enumerateDevices().then((devices) => {
    if (!devices.some((device) => device.kind === "videoinput")) return;
    for (const button of scanners) {
      button.hidden = false;
      button.addEventListener("click", async () => (await import("./scan.js")).scan(button));
    }
  });
}
