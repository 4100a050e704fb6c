// Shows notifications while the page is closed, and keeps the page's own files, so that an installed page opens without
// the server. The network comes first: an update of
// the server is an update of its page, and the copies are for when it does not answer.

const COPIES = "adjutant-page";
const PATIENCE_MS = 4_000; // for the server, before the copies are shown
const ROOT = new URL("./", self.location).href;
const TRANSPORT = `${ROOT}socket.io/`;

// Pages that were opened from the copies: their modules come from there too, so that versions never mix. Forgotten when
// the browser ends the worker; then the network comes first again.
const fromCopies = new Set();

self.addEventListener("install", (event) => event.waitUntil(copyAll().then(() => self.skipWaiting())));
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET" || !request.url.startsWith(ROOT) || request.url.startsWith(TRANSPORT)) return;
  event.respondWith(request.mode === "navigate" ? open(event) : part(event));
});

self.addEventListener("push", (event) => event.waitUntil(tell(event.data.json())));
self.addEventListener("pushsubscriptionchange", (event) => event.waitUntil(renew(event)));
self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(show(event.notification.data));
});

// What the server sent, encrypted for this browser: {title, body, tag, board, code}. One with the same tag is replaced.
function tell({ title, body, tag, board, code }) {
  return self.registration.showNotification(title, { body, tag, icon: "icons/192.png", data: { board, code } });
}

// The push service has ended a subscription: another one takes its place, and a page tells the server of it: the ones that are
// open now, else the next one that opens.
async function renew({ oldSubscription, newSubscription }) {
  if (!newSubscription && oldSubscription) await self.registration.pushManager.subscribe(oldSubscription.options);
  for (const page of await pages()) page.postMessage({ renew: true });
}

const pages = () => self.clients.matchAll({ type: "window", includeUncontrolled: true });

// Opens the item in a page that is open, or opens one. A code means something on its own board alone.
async function show({ board, code }) {
  const page = (await pages()).find(({ url }) => url.startsWith(ROOT));
  if (!page) return self.clients.openWindow(`${ROOT}#board=${board}${code ? `&item=${code}` : ""}`);
  page.postMessage({ board, open: code });
  return page.focus();
}

// All that the first page names: it names every file that the page needs, now or later. Nothing of an older page stays.
async function copyAll() {
  const page = await fetch(ROOT);
  if (!page.ok) throw new Error(`${ROOT} answered ${page.status}`);
  const text = await page.clone().text();
  const named = [...text.matchAll(/\s(?:href|src)="([^"#][^"]*)"/g)].map(([, name]) => name);
  const later = /<meta name="later" content="([^"]*)"/.exec(text)?.[1].split(" ") ?? [];
  const wanted = new Set([...named, ...later].filter(Boolean).map((name) => ROOT + name));
  const copies = await caches.open(COPIES);
  await Promise.all([copies.put(ROOT, page), copies.addAll([...wanted])]);
  for (const { url } of await copies.keys()) if (url !== ROOT && !wanted.has(url)) await copies.delete(url);
}

async function open(event) {
  const copy = await copyOf(event.request);
  const answer = await fresh(event.request, copy);
  if (answer === copy && copy) fromCopies.add(event.resultingClientId);
  // Another page names other files.
  else if (answer.ok && answer.headers.get("etag") !== copy?.headers.get("etag")) event.waitUntil(copyAll());
  return answer;
}

async function part(event) {
  const copy = await copyOf(event.request);
  return copy && fromCopies.has(event.clientId) ? copy : fresh(event.request, copy);
}

const copyOf = (request) => caches.match(request, { ignoreSearch: true, cacheName: COPIES });

// The server's answer. The copy where there is one and the server fails (as a proxy before it says), or takes too long.
async function fresh(request, copy) {
  const fetching = fetch(request).then((answer) => keep(request, answer));
  if (!copy) return fetching;
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE_MS, copy));
  return Promise.race([fetching.then((answer) => (answer.status >= 500 ? copy : answer)).catch(() => copy), late]);
}

async function keep(request, answer) {
  if (answer.ok && answer.type === "basic") await (await caches.open(COPIES)).put(request.url, answer.clone());
  return answer;
}
