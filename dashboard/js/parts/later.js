// What a person may open; see ../later.js.

import "../begin.js"; // is there already; so the bundler leaves what both use in its file, instead of a third one
export { BoardsPanel } from "./boards.js";
export { BriefPanel, BriefText } from "./brief.js";
export { Found } from "./found.js";
export { ItemPanel } from "./item.js";
export { RecordPanel } from "./record.js";
export { SourcesPanel } from "./sources.js";
