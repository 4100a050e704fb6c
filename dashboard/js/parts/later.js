// What the first screen does not show; see ../later.js.

import "../begin.js"; // is there already; so the bundler leaves what both use in its file, instead of a third one
export { BoardsPanel } from "./boards.js";
export { BriefPanel } from "./brief.js";
export { Found } from "./found.js";
export { ItemPanel } from "./item.js";
export { RecordPanel } from "./record.js";
export { SettingsPanel } from "./settings.js";
export { SourcesPanel } from "./sources.js";
export { Wall } from "./wall.js";
export { Welcome } from "./welcome.js";
