// The settings: each is changed where it stands, at once, and on all devices of the person where the server keeps them.

import "../begin.js"; // see later.js
import { isZone, zoneName } from "../dates.js";
import { LANGUAGES, say } from "../words.js";
import { button, Component, h, icon, oneLine, spoken } from "../ui.js";

// Many, and asked for only where they are shown.
const zones = () => Intl.supportedValuesOf?.("timeZone") ?? [];

export function SettingsPanel({ page }) {
  const { prefs } = page;
  const set = (name, value) => page.setPref(name, value);
  return h(
    "section",
    { id: "settings", class: "pop settings", role: "dialog", "aria-labelledby": "settings-title" },
    h(
      "div",
      { class: "head" },
      h("h2", { id: "settings-title", tabIndex: -1 }, say.settings),
      h("span", { class: "end" }, button("btn ico close", "close-panel", { "aria-label": say.close }, icon("x"))),
    ),
    h("p", { class: "faint" }, page.prefsAreShared() ? say.settingsOf : say.settingsHere),
    page.ui.prefFault && h("p", { class: "fault", role: "alert" }, spoken(page.ui.prefFault)),
    h(
      "div",
      { class: "prefs" },
      h(Name, { value: prefs.values.name ?? "", set }),
      h(Choice, { name: "language", value: prefs.language, options: LANGUAGES, set }),
      h(Zone, { name: "tz", value: prefs.zone, empty: say.zoneOfBrowser(browserZone()), set, page }),
      h(Zone, { name: "tz2", value: prefs.zone2, empty: say.zoneNone, set, page }),
      h(Choice, { name: "theme", value: prefs.theme, options: say.themes, set }),
      h(Choice, { name: "density", value: prefs.density, options: say.densities, set }),
      h(Hours, { prefs, set }),
      h(Choice, { name: "start", value: prefs.start, options: { today: say.tabs.today, list: say.tabs.list, week: say.week }, set }),
      h(Panels, { prefs, set }),
      h(Notify, { page }),
    ),
    h("datalist", { id: "zones" }, zones().map((zone) => h("option", { key: zone, value: zone }))),
  );
}

const browserZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone ?? zoneName();

const Row = ({ name, children }) =>
  h("div", { class: "pref", role: "group", "aria-labelledby": `pref-${name}` }, h("span", { id: `pref-${name}`, class: "pref-name" }, say.pref[name]), children);

const Choice = ({ name, value, options, set }) =>
  h(
    Row,
    { name },
    h(
      "span",
      { class: "segments" },
      Object.entries(options).map(([one, said]) =>
        h(
          "button",
          { key: one, type: "button", class: one === value ? "on" : "", "aria-pressed": String(one === value), onClick: () => set(name, one) },
          said,
        ),
      ),
    ),
  );

class Zone extends Component {
  render({ name, value, empty, set, page }) {
    const take = ({ target }) => {
      const zone = target.value.trim();
      if (zone === (value ?? "")) return;
      if (zone && !isZone(zone)) return page.faultPref(say.notZone(zone));
      set(name, zone || null);
    };
    return h(
      Row,
      { name },
      h("input", {
        key: value ?? "",
        class: "pref-in",
        list: "zones",
        defaultValue: value ?? "",
        placeholder: empty,
        "aria-label": say.pref[name],
        autocomplete: "off",
        onChange: take,
      }),
    );
  }
}

// What others call the person.
const Name = ({ value, set }) =>
  h(
    Row,
    { name: "name" },
    h("input", {
      key: value,
      class: "pref-in",
      defaultValue: value,
      maxLength: 100,
      autocomplete: "name",
      "aria-label": say.pref.name,
      onChange: ({ target }) => set("name", target.value.trim() || null),
    }),
  );

const clockOf = (hour) => (hour === 24 ? "23:59" : `${String(hour).padStart(2, "0")}:00`);

const HOURS = Array.from({ length: 25 }, (_, hour) => hour);

const Hours = ({ prefs, set }) => {
  const [from, to] = prefs.hours;
  const begin = (hour) => set("working_hours", { start: clockOf(hour), end: clockOf(prefs.hours[1]) });
  const end = (hour) => set("working_hours", { start: clockOf(prefs.hours[0]), end: clockOf(hour) });
  const choose = (hours, chosen, label, take) =>
    h(
      "select",
      { class: "pref-in", "aria-label": `${say.pref.hours}: ${label}`, value: chosen, onChange: ({ target }) => take(Number(target.value)) },
      hours.map((hour) => h("option", { key: hour, value: hour, selected: hour === chosen }, `${hour}:00`)),
    );
  return h(
    Row,
    { name: "hours" },
    h(
      "span",
      { class: "pair" },
      choose(HOURS.slice(0, to), from, say.fields.start, begin),
      " – ",
      choose(HOURS.slice(from + 1), to, say.fields.end, end),
    ),
  );
};

// Which panels stand beside the list, and in which order. A click changes what is so by then: there may have been another
// since this was drawn.
function Panels({ prefs, set }) {
  const change = (edit) => set("panels", { ...prefs.panels, ...edit(prefs.panels) });
  const toggle = (name) =>
    change(({ hidden }) => ({ hidden: hidden.includes(name) ? hidden.filter((other) => other !== name) : [...hidden, name] }));
  const up = (name) =>
    change(({ order }) => {
      const at = order.indexOf(name);
      return at > 0 ? { order: order.toSpliced(at - 1, 2, name, order[at - 1]) } : {};
    });
  const { order, hidden } = prefs.panels;
  return h(
    Row,
    { name: "panels" },
    h(
      "ul",
      { class: "pref-panels" },
      order.map((name, at) =>
        h(
          "li",
          { key: name },
          h(
            "label",
            {},
            h("input", { type: "checkbox", checked: !hidden.includes(name), onChange: () => toggle(name) }),
            " ",
            say.panelNames[name],
          ),
          at > 0 &&
            h("button", { type: "button", class: "btn ico", "aria-label": `${say.moveUp}: ${say.panelNames[name]}`, onClick: () => up(name) }, icon("up")),
        ),
      ),
    ),
  );
}

function Notify({ page }) {
  const missing = !("Notification" in globalThis) || !isSecureContext;
  const blocked = !missing && Notification.permission === "denied";
  const why = missing ? say.notifyMissing : blocked ? say.notifyBlocked : say.notifyOn;
  const isOn = page.prefs.notify !== null && !missing && !blocked;
  const check = h("input", {
    type: "checkbox",
    checked: isOn || page.ui.askingToNotify,
    disabled: missing || blocked,
    onChange: ({ target }) => page.askToNotify(target.checked),
  });
  return h(
    Row,
    { name: "notify" },
    h("div", { class: "notices" }, h("label", { class: "notify" }, check, " ", why), isOn && page.push && h(Closed, { page })),
  );
}

// Whether this browser is notified while the page is closed, and the person's others that are.
function Closed({ page }) {
  const { push } = page;
  const isAble = push.isPossible && push.key !== null;
  const why = !push.isPossible ? say.pushMissing : push.key === null ? say.pushAbsent : say.pushOn;
  const others = push.devices.filter(({ id }) => id !== push.id);
  return [
    h(
      "label",
      { class: "notify closed" },
      h("input", {
        type: "checkbox",
        checked: push.isWanted,
        disabled: !isAble,
        "aria-busy": String(push.isWanted !== push.isOn),
        onChange: ({ target }) => page.pushHere(target.checked),
      }),
      " ",
      why,
    ),
    others.length > 0 &&
      h(
        "ul",
        { class: "pref-panels devices", "aria-label": say.pushOthers },
        others.map(({ id, device }) =>
          h(
            "li",
            { key: id },
            h("span", {}, oneLine(device)),
            h("button", { type: "button", class: "btn ico", "aria-label": say.pushEnd(device), onClick: () => page.endPush(id) }, icon("x")),
          ),
        ),
      ),
  ];
}
