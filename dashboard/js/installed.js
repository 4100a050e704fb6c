// What lets the page be installed and open without the server: its service worker.

const WORKER = "worker.js";

// Quietly does nothing where there is no such thing: on plain HTTP from another machine, or where a browser forbids it.
export function install() {
  if (!navigator.serviceWorker) return;
  // The one address that the page's policy lets become code.
  const only = { createScriptURL: (name) => (name === WORKER ? name : null) };
  const url = globalThis.trustedTypes?.createPolicy("adjutant-worker", only).createScriptURL(WORKER) ?? WORKER;
  navigator.serviceWorker.register(url).catch((error) => console.info(error));
}
