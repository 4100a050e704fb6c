// The settings: each is changed where it stands, at once, and on all devices of the person where the server keeps them.

import { isZone, zoneName } from "../dates.js";
import { LANGUAGES, say } from "../words.js";
import { button, Component, h, icon } from "../ui.js";

const ZONES = Intl.supportedValuesOf?.("timeZone") ?? [];

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
    page.ui.prefFault && h("p", { class: "fault", role: "alert" }, page.ui.prefFault),
    h(
      "div",
      { class: "prefs" },
      h(Name, { value: prefs.values.name ?? "", set }),
      h(Choice, { name: "language", value: prefs.language, options: LANGUAGES, set }),
      h(Zone, { name: "tz", value: prefs.zone, empty: say.zoneOfBrowser(browserZone()), set, page }),
      h(Zone, { name: "tz2", value: prefs.zone2, empty: say.zoneNone, set, page }),
      h(Choice, { name: "theme", value: prefs.theme, options: say.themes, set }),
      h(Choice, { name: "density", value: prefs.density, options: say.densities, set }),
      h(Hours, { value: prefs.hours, set }),
      h(Choice, { name: "start", value: prefs.start, options: { today: say.tabs.today, list: say.tabs.list, week: say.week }, set }),
      h(Panels, { value: prefs.panels, set }),
      h(Notify, { page }),
    ),
    h("datalist", { id: "zones" }, ZONES.map((zone) => h("option", { key: zone, value: zone }))),
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

const Hours = ({ value: [from, to], set }) => {
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
      choose(HOURS.slice(0, to), from, say.fields.start, (hour) => set("working_hours", { start: clockOf(hour), end: clockOf(to) })),
      " – ",
      choose(HOURS.slice(from + 1), to, say.fields.end, (hour) => set("working_hours", { start: clockOf(from), end: clockOf(hour) })),
    ),
  );
};

// Which panels stand beside the list, and in which order.
function Panels({ value, set }) {
  const { order, hidden } = value;
  const toggle = (name) =>
    set("panels", { order, hidden: hidden.includes(name) ? hidden.filter((other) => other !== name) : [...hidden, name] });
  const up = (at) =>
    set("panels", { order: order.map((name, to) => (to === at - 1 ? order[at] : to === at ? order[at - 1] : name)), hidden });
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
            h("button", { type: "button", class: "btn ico", "aria-label": `${say.moveUp}: ${say.panelNames[name]}`, onClick: () => up(at) }, icon("up")),
        ),
      ),
    ),
  );
}

function Notify({ page }) {
  const missing = !("Notification" in globalThis) || !isSecureContext;
  const blocked = !missing && Notification.permission === "denied";
  const why = missing ? say.notifyMissing : blocked ? say.notifyBlocked : say.notifyOn;
  return h(
    Row,
    { name: "notify" },
    h(
      "label",
      { class: "notify" },
      h("input", {
        type: "checkbox",
        checked: page.prefs.notify !== null && !missing && !blocked,
        disabled: missing || blocked,
        onChange: ({ target }) => page.askToNotify(target.checked),
      }),
      " ",
      why,
    ),
  );
}
