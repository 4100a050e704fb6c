// The settings: each is changed where it stands, at once, and on all devices of the person where the server keeps them.

import { zoneName } from "../dates.js";
import { PANELS } from "../prefs.js";
import { LANGUAGES, ownLanguage, say } from "../words.js";
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
      h(Choice, { name: "language", value: prefs.language ?? ownLanguage(), options: LANGUAGES, set }),
      h(Zone, { name: "zone", value: prefs.zone, empty: say.zoneOfBrowser(browserZone()), set, page }),
      h(Zone, { name: "zone2", value: prefs.zone2, empty: say.zoneNone, set, page }),
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
      if (zone && !ZONES.includes(zone)) return page.faultPref(say.notZone(zone));
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
      choose(HOURS.slice(0, to), from, say.fields.start, (hour) => set("hours", [hour, to])),
      " – ",
      choose(HOURS.slice(from + 1), to, say.fields.end, (hour) => set("hours", [from, hour])),
    ),
  );
};

// Which panels stand beside the list, and in which order.
function Panels({ value, set }) {
  const all = [...value, ...PANELS.filter((name) => !value.includes(name))];
  const toggle = (name) => set("panels", value.includes(name) ? value.filter((other) => other !== name) : [...value, name]);
  const up = (at) => set("panels", value.map((name, to) => (to === at - 1 ? value[at] : to === at ? value[at - 1] : name)));
  return h(
    Row,
    { name: "panels" },
    h(
      "ul",
      { class: "pref-panels" },
      all.map((name, at) =>
        h(
          "li",
          { key: name },
          h(
            "label",
            {},
            h("input", { type: "checkbox", checked: value.includes(name), onChange: () => toggle(name) }),
            " ",
            say.panelNames[name],
          ),
          at > 0 &&
            value.includes(name) &&
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
        checked: page.prefs.notify && !missing && !blocked,
        disabled: missing || blocked,
        onChange: ({ target }) => page.askToNotify(target.checked),
      }),
      " ",
      why,
    ),
  );
}
