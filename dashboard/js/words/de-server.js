// Deutsch für das, was der Server auf Englisch sagt: Ablehnungen nach ihrem Code, feste Sätze nach ihrem Wortlaut.

// Von Ablehnungen mit einem `: ` am Ende bleibt der Wortlaut dahinter stehen: Er sagt, welcher Eintrag oder welches Zeichen.
export const REFUSALS = {
  bad_request: "So ist es nicht zu verstehen: ",
  unknown_event: "Der Server kennt das nicht. Die Seite ist neuer als er: ",
  unknown_command: "Diesen Befehl gibt es nicht: ",
  not_found: "Das gibt es nicht: ",
  stale_target: "Inzwischen steht dort etwas anderes: ",
  conflict: "Es hat sich inzwischen geändert: ",
  invalid_state: "Das geht in diesem Zustand nicht: ",
  forbidden: "Das dürfen Sie hier nicht: ",
  unauthorized: "Bitte neu anmelden: ",
  too_large: "Das ist zu viel auf einmal: ",
  rate_limited: "Zu viele Anfragen in kurzer Zeit. Gleich noch einmal versuchen.",
  busy: "Der Server ist beschäftigt. Gleich noch einmal versuchen.",
  timeout: "Die Zeit ist abgelaufen: ",
  source_fenced: "Ein neuerer Lauf dieser Quelle hat übernommen.",
  storage_unavailable: "Der Server kann gerade nichts speichern: ",
  draining: "Der Server fährt herunter. Es wird gesendet, sobald er wieder da ist.",
  internal: "Im Server ist etwas schiefgegangen: ",
  too_many_connections: "Zu viele Verbindungen. Es wird gleich wieder versucht.",
  // Diese sagt die Seite selbst.
  withdrawn: "Es wurde zurückgenommen, bevor es gesendet war.",
  unreachable: "Der Server antwortet nicht: ",
};

export const SAID = {
  // Warum die Verbindung fort ist
  "the server did not answer": "der Server hat nicht geantwortet",
  "the server does not answer": "der Server antwortet nicht",
  "the server has gone silent": "der Server ist verstummt",
  "the connection dropped": "die Verbindung ist abgebrochen",
  "the server ended the connection": "der Server hat die Verbindung beendet",
  "signing in anew": "neue Anmeldung",
  "what came could not be read": "was ankam, war nicht zu lesen",
  "The server is stopping.": "Der Server fährt herunter.",
  "No answer from the server: whether it was done is not known.": "Ob es getan wurde, ist nicht bekannt.",
  "The server is away: nothing was done.": "Es wurde nichts getan.",
  "The server cannot notify closed pages: requirements-push.txt is not installed.":
    "Der Server kann geschlossene Seiten nicht benachrichtigen: requirements-push.txt ist nicht installiert.",
  "A source has no devices: connect as a person.": "Eine Quelle hat keine Geräte: Bitte als Person anmelden.",
  "The board is another one now: look again.": "Die Tafel ist jetzt eine andere.",

  // Ablehnungen; für jedes … steht ein Wert, auf Deutsch in derselben Reihenfolge
  "A WebSocket upgrade needs HTTP 1.1.": "Ein WebSocket braucht HTTP 1.1.",
  "A brief about a meeting needs its code, and only that.": "Ein Briefing zu einem Termin braucht dessen Kürzel, und nur das.",
  "A collector removes only its own source's items.": "Ein Sammler entfernt nur Einträge seiner eigenen Quelle.",
  "A collector's token does not read the board: leave `rooms` out.": "Das Token eines Sammlers liest die Tafel nicht: Lassen Sie `rooms` weg.",
  "A source does not look at the board: connect as a person.": "Eine Quelle sieht die Tafel nicht an: Verbinden Sie sich als Person.",
  "A source has no preferences: connect as a person.": "Eine Quelle hat keine Einstellungen: Verbinden Sie sich als Person.",
  "A source names at most … people.": "Eine Quelle nennt höchstens … Personen.",
  "A token with the role … cannot act as a source.": "Ein Token mit der Rolle … kann keine Quelle sein.",
  "This …, or put it in quotation marks.": "Das ist nicht eindeutig (…): oder setzen Sie es in Anführungszeichen.",
  "Did you mean `…`? If it is the new text, put it in quotation marks.":
    "Meinten Sie `…`? Wenn das der neue Text ist, setzen Sie ihn in Anführungszeichen.",
  "JSONP is not supported.": "JSONP gibt es hier nicht.",
  "Name the item by `id` or by `code`.": "Nennen Sie den Eintrag mit `id` oder mit `code`.",
  "Name the items by `ids` or by `codes`.": "Nennen Sie die Einträge mit `ids` oder mit `codes`.",
  "Nothing here: the dashboard is at /, Socket.IO at /socket.io/, health at /health.":
    "Hier ist nichts: Die Seite ist bei /, Socket.IO bei /socket.io/, der Zustand bei /health.",
  "Only the message can be removed.": "Nur die Meldung lässt sich entfernen.",
  "Part … is out of order: …. Send the batch again from part 1.": "Teil … kommt außer der Reihe: …. Senden Sie alle noch einmal von Teil 1 an.",
  "People have set … of …: only that can be given back.": "Von Personen gesetzt ist nur … von …: Nur das lässt sich zurückgeben.",
  "Run … is over: say hello for the next one.": "Der Lauf … ist vorbei: Melden Sie sich für den nächsten neu an.",
  "Say which fields to set.": "Sagen Sie, welche Felder zu setzen sind.",
  "Say which fields to set: status, progress or message.": "Sagen Sie, welche Felder zu setzen sind: status, progress oder message.",
  "Say which preferences to set.": "Sagen Sie, welche Einstellungen zu setzen sind.",
  "Say which source proposes it: give `source` in the handshake.": "Sagen Sie, welche Quelle es vorschlägt: mit `source` bei der Anmeldung.",
  "Send a Content-Length; chunked bodies are not accepted.": "Senden Sie eine Content-Length; in Stücken wird nichts angenommen.",
  "Send the token in the auth payload, never in the address.": "Senden Sie das Token bei der Anmeldung, nie in der Adresse.",
  "Snooze until a time in the future.": "Stellen Sie bis zu einer Zeit in der Zukunft zurück.",
  "That is too long ago: the log does not go back that far.": "Das ist zu lange her: So weit reicht die Aufzeichnung nicht zurück.",
  "The `sub` of this token is not a name of 1 to 200 printable characters.":
    "Das `sub` dieses Tokens ist kein Name aus 1 bis 200 druckbaren Zeichen.",
  "The auth payload cannot be read: ….": "Die Angaben zur Anmeldung sind nicht zu lesen: ….",
  "The auth payload is not valid: …: ….": "Die Angaben zur Anmeldung sind nicht gültig: …: ….",
  "The auth payload is one JSON object: {token, board, client, source, rooms, tz, hz, resume}.":
    "Die Angaben zur Anmeldung sind ein JSON-Objekt: {token, board, client, source, rooms, tz, hz, resume}.",
  "The auth payload is too large.": "Die Angaben zur Anmeldung sind zu groß.",
  "The edit is not valid.": "So lässt es sich nicht ändern.",
  "The headers are too large.": "Die Kopfzeilen sind zu groß.",
  "The item was removed.": "Der Eintrag wurde entfernt.",
  "The name of the user that the proxy sends cannot be read.": "Der Benutzername, den der Proxy sendet, ist nicht zu lesen.",
  "The name … is reserved for items that people add: give the source another name.":
    "Der Name … ist für Einträge von Personen vergeben: Nennen Sie die Quelle anders.",
  "The payload cannot be read.": "Die Angaben sind nicht zu lesen.",
  "The payload is not valid for this request.": "Die Angaben passen nicht zu dieser Anfrage.",
  "The payload must be one JSON object, or left out.": "Die Angaben müssen ein JSON-Objekt sein, oder fehlen.",
  "The payload …: send it in parts.": "Zu viel auf einmal (…): Senden Sie es in Teilen.",
  "The proxy names the user twice.": "Der Proxy nennt den Benutzer zweimal.",
  "The query string is not valid.": "Die Angaben in der Adresse sind nicht gültig.",
  "The request timed out before it was started.": "Die Zeit war um, bevor die Anfrage begonnen wurde.",
  "The server failed during this handshake (error_id …).": "Bei dieser Anmeldung ist im Server etwas schiefgegangen (error_id …).",
  "The session is over: ….": "Die Sitzung ist vorbei: ….",
  "The sid is not a session id.": "Das sid ist keine Sitzung.",
  "The source that this token names is not the name of a source.": "Die Quelle, die dieses Token nennt, ist kein Name einer Quelle.",
  "The store failed.": "Der Speicher ist ausgefallen.",
  "The transport is polling or websocket.": "Übertragen wird mit polling oder websocket.",
  "The … header is missing, repeated or not ASCII.": "Die Kopfzeile … fehlt, steht zweimal da oder ist nicht ASCII.",
  "There are too many connections; try again later.": "Es gibt zu viele Verbindungen; versuchen Sie es später noch einmal.",
  "There is no source ….": "Es gibt keine Quelle ….",
  "There is no source …. Did you mean …?": "Es gibt keine Quelle …. Meinten Sie …?",
  "There is no such board, or this token is not for it.": "Diese Tafel gibt es nicht, oder Ihr Token gilt nicht für sie.",
  "There is no such record: it was removed, or there never was one.": "Dieses Dokument gibt es nicht: Es wurde entfernt, oder es gab es nie.",
  "This board needs no token.": "Diese Tafel braucht kein Token.",
  "This collection is not running: it is over, or never existed.": "Dieses Sammeln läuft nicht: Es ist vorbei, oder es gab es nie.",
  "This connection is already connected.": "Diese Verbindung besteht schon.",
  "This could be …: write the full name, or put it in quotation marks.":
    "Das könnte … sein: Schreiben Sie den ganzen Namen, oder setzen Sie ihn in Anführungszeichen.",
  "This must be a position in the list (1 is the top), or up, down or `none`.":
    "Hier muss ein Platz in der Liste stehen (1 ist oben), oder up, down oder `none`.",
  "This must be ….": "Hier muss stehen: ….",
  "This page is read-only: use GET.": "Diese Seite lässt sich nur lesen: mit GET.",
  "This source is private: only its own collector's token may act as it.":
    "Diese Quelle ist privat: Nur mit dem Token ihres Sammlers darf man sie sein.",
  "This text cannot be added.": "Dieser Text lässt sich nicht hinzufügen.",
  "This time is in the past. Give a later one, or `none`.": "Diese Zeit ist vorbei. Nennen Sie eine spätere, oder `none`.",
  "This token cannot be read.": "Dieses Token ist nicht zu lesen.",
  "This token is for another source.": "Dieses Token ist für eine andere Quelle.",
  "This token is for …, a name reserved for items that people add.":
    "Dieses Token ist für …, und dieser Name ist für Einträge von Personen vergeben.",
  "This token is not for a source: `serve.py token add --source` makes one that is.":
    "Dieses Token ist für keine Quelle: `serve.py token add --source` macht eines, das es ist.",
  "This token is not signed with a key that the server knows.": "Dieses Token ist mit keinem Schlüssel unterschrieben, den der Server kennt.",
  "This token of … has no role here: ask whoever runs the server for one.":
    "Dieses Token von … hat hier keine Rolle: Wer den Server betreibt, kann eine geben.",
  "Unknown session, or it uses a websocket.": "Diese Sitzung ist unbekannt, oder sie hat einen WebSocket.",
  "Use GET to poll a session and POST to write to it.": "Eine Sitzung liest man mit GET und schreibt man mit POST.",
  "What all see cannot name what is private.": "Was alle sehen, kann nichts nennen, was privat ist.",
  "What you signed in with has expired: sign in again.": "Womit Sie sich angemeldet haben, ist abgelaufen: Melden Sie sich neu an.",
  "You cannot be signed in now: try again later.": "Sie lassen sich gerade nicht anmelden: Versuchen Sie es später noch einmal.",
  "You cannot be signed in: the server's authenticator is at fault.":
    "Sie lassen sich nicht anmelden: Der Fehler liegt an der Anmeldung des Servers.",
  "You have nothing to redo: `redo` works right after `undo`.": "Es gibt nichts zu wiederholen: `redo` geht gleich nach `undo`.",
  "You have nothing to undo.": "Es gibt nichts rückgängig zu machen.",
  "A code is missing after the comma.": "Nach dem Komma fehlt ein Kürzel.",
  "A code is missing here.": "Hier fehlt ein Kürzel.",
  "A command is missing here. Put commands between |s: approve P7 | reopen P8.": "Hier fehlt ein Befehl. Zwischen zwei | steht immer einer: approve P7 | reopen P8.",
  "A line has at most … characters: this is more.": "Eine Zeile hat höchstens … Zeichen: Diese hat mehr.",
  "A line has at most … steps: send the rest as another line.": "Eine Zeile hat höchstens … Schritte: Senden Sie den Rest als weitere Zeile.",
  "A proposal can change the items of the board, but not other proposals.": "Ein Vorschlag kann Einträge der Tafel ändern, aber keine anderen Vorschläge.",
  "A proposal is a single command: propose the others separately.": "Ein Vorschlag ist ein einziger Befehl: Schlagen Sie die anderen einzeln vor.",
  "A proposal is about a single item: propose the others separately.": "Ein Vorschlag betrifft einen einzigen Eintrag: Schlagen Sie die anderen einzeln vor.",
  "The closing quotation mark is missing.": "Das schließende Anführungszeichen fehlt.",
  "The line is empty. Type a command, or `help`.": "Die Zeile ist leer. Tippen Sie einen Befehl, oder `help`.",
  "This text has no visible characters.": "Dieser Text hat keine sichtbaren Zeichen.",
  "… has already begun. Give one that is still to come, a time, or `none`.":
    "… hat schon begonnen. Nennen Sie etwas, das noch kommt, eine Zeit, oder `none`.",
  "This time is in the past. Give a later one.": "Diese Zeit ist vorbei. Nennen Sie eine spätere.",
  "U+… …: remove it.": "U+… …: Entfernen Sie es.",
  "The answer is on the board alone: no calendar has this event.": "Die Antwort steht nur auf der Tafel: Kein Kalender hat diesen Termin.",
  "The answer is on the board alone: … does not write to its calendar.":
    "Die Antwort steht nur auf der Tafel: … schreibt nicht in den Kalender.",
  "… writes the answer to the calendar at its next run.": "… schreibt die Antwort beim nächsten Lauf in den Kalender.",
  "At character …: …": "Bei Zeichen …: …",

  "At most … zones can be shown beside yours.": "Neben Ihrer lassen sich höchstens … Zeitzonen zeigen.",

  // Überschriften von Briefings
  "Also to decide": "Außerdem zu entscheiden",
  "At the same time": "Zur gleichen Zeit",
  "Attendees": "Teilnehmer",
  "Cancelled or moved": "Abgesagt oder verschoben",
  "Changed since the last brief": "Seit dem letzten Briefing geändert",
  "Days": "Tage",
  "Due this week": "Diese Woche fällig",
  "Due today": "Heute fällig",
  "Earlier meetings": "Frühere Termine",
  "For the meeting": "Zum Termin",
  "Last time": "Beim letzten Mal",
  "Meeting": "Termin",
  "Meetings": "Termine",
  "Not up to date": "Nicht aktuell",
  "Open with them": "Mit ihnen offen",
  "Overdue": "Überfällig",
  "Priorities that match": "Passende Prioritäten",
  "Promises": "Zusagen",
  "Proposals": "Vorschläge",
  "Said": "Gesagt",
  "Said about it": "Darüber gesagt",
  "Said by them": "Von ihnen gesagt",
  "Sources to look after": "Quellen, die Hilfe brauchen",
  "To decide": "Zu entscheiden",
  "To do": "Zu tun",
  "Today": "Heute",
  "Top priorities": "Wichtigste Prioritäten",

  // Was ein Briefing sagt; das Genauere steht vor dem Allgemeinen
  "To decide: …": "Zu entscheiden: …",
  "To do: …": "Zu tun: …",
  "All day … overlaps all … meetings": "Ganztägig … überschneidet sich mit allen … Terminen",
  "… overlaps all … meetings": "… überschneidet sich mit allen … Terminen",
  "… overlaps …": "… überschneidet sich mit …",
  "… proposals wait for you, … of them due today: …": "… Vorschläge warten auf Sie, … davon heute fällig: …",
  "… proposals wait for you: …": "… Vorschläge warten auf Sie: …",
  "1 proposal waits for you, due today: …": "1 Vorschlag wartet auf Sie, heute fällig: …",
  "1 proposal waits for you: …": "1 Vorschlag wartet auf Sie: …",
  "and … more": "und … weitere",

  // Was aus einer Quelle wurde
  "It failed without saying why.": "Der Lauf schlug fehl und sagte nicht, warum.",
  "Nothing was received for more than … s.": "Seit mehr als … s kam nichts.",

  // Was eine Zeile bewirkt hat
  "… is removed. What it had is for those who see it, and `undo` does not bring it back. If its collector runs again, it is back as a new source.": "… ist entfernt. Was die Quelle hatte, ist für die, die sie sehen; `undo` bringt es nicht zurück. Läuft ihr Sammler wieder, ist die Quelle neu da.",
  "… is removed. Items: …; records that stay in the search: …. If its collector runs again, it is back as a new source.": "… ist entfernt. Einträge: …; Texte, die in der Suche bleiben: …. Läuft ihr Sammler wieder, ist die Quelle neu da.",

  // Warum etwas vorgeschlagen wird
  "it is asked for": "darum wird gebeten",
  "it is marked with :…:": "mit :…: markiert",
  "it says that … will do it": "laut Text übernimmt es …",
  "somebody chose it in Slack": "jemand hat es in Slack ausgewählt",
  "… asks for it": "… bittet darum",
  "… says so": "… sagt es",
  "… may promise something": "… verspricht vielleicht etwas",
  "… may want something": "… möchte vielleicht etwas",
  "somebody": "jemand",

  // Was die Befehle tun
  "Marks items as done; accepts proposals.": "Erledigt Einträge; nimmt Vorschläge an.",
  "Reopens what was done or snoozed.": "Öffnet wieder, was erledigt oder zurückgestellt war.",
  "Hides a priority until a time.": "Verbirgt eine Priorität bis zu einer Zeit.",
  "Removes items; dismisses proposals.": "Entfernt Einträge; verwirft Vorschläge.",
  "Changes what an item says, or what a proposal would do.": "Ändert einen Text, oder was ein Vorschlag tun würde.",
  "Adds an item; S1 stands for the text of that hit.": "Fügt einen Eintrag hinzu; S1 steht für den Text dieses Treffers.",
  "Shows the record behind a hit, a line of a brief or an item.":
    "Zeigt die Fundstelle zu einem Treffer, einer Zeile eines Briefings oder einem Eintrag.",
  "Makes the brief for the day, the week or a meeting, now or at an hour of each day.":
    "Erstellt das Briefing für Tag, Woche oder Termin, jetzt oder täglich zu einer Stunde.",
  "Collects what is new from all sources.": "Sammelt das Neue aus allen Quellen.",
  "Starts a quick collection.": "Beginnt ein schnelles Sammeln.",
  "Starts a full collection.": "Beginnt ein vollständiges Sammeln.",
  "Gives fields back to the item's source.": "Gibt Felder an die Quelle des Eintrags zurück.",
  "Accepts invitations.": "Nimmt Einladungen an.",
  "Declines invitations.": "Lehnt Einladungen ab.",
  "Answers invitations with maybe.": "Beantwortet Einladungen mit Vielleicht.",
  "Removes a source that is no longer used, with its items; its records stay in the search.": "Entfernt eine Quelle, die nicht mehr gebraucht wird, mit ihren Einträgen; ihre Texte bleiben in der Suche.",
  "Sets when it is due.": "Setzt, wann es fällig ist.",
  "Sets how urgent it is.": "Setzt, wie dringend es ist.",
  "Sets who it is for.": "Setzt, wen es betrifft.",
  "Sets how long it takes.": "Setzt, wie lange es dauert.",
  "Sets its note.": "Setzt die Notiz.",
  "Moves it in the list.": "Bewegt es in der Liste.",
  "Searches the records.": "Durchsucht die Dokumente.",
  "Shows what has changed since you last looked.": "Sagt, was sich seit Ihrem Blick geändert hat.",
  "Shows the meetings, tasks and free hours of a day, and what clashes.": "Sagt, welche Termine, Aufgaben und freien Stunden ein Tag hat und was sich überschneidet.",
  "Shows the time in your zone and in others, or sets which others.": "Zeigt die Zeit bei Ihnen und in anderen Zeitzonen, oder setzt, in welchen.",
  "Shows what the system is doing.": "Zeigt, was gerade gesammelt wird.",
  "Counts all that is on the board now as seen.": "Zählt alles, was jetzt auf der Tafel ist, als gesehen.",
  "Does again what your last undo took back.": "Wiederholt, was Ihr letztes `undo` zurückgenommen hat.",
  "Undoes your last line.": "Nimmt Ihre letzte Zeile zurück.",
  "Explains the commands, or one of them.": "Erklärt die Befehle, oder einen davon.",
};

// Ein Satz des Servers; was hier nicht steht, bleibt, wie er es sagt.
export const server = (said) => SAID[said] ?? withValues(said) ?? said;

const HOLE = "…";
const plain = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
let patterns = null;

function withValues(said) {
  patterns ??= Object.entries(SAID)
    .filter(([english]) => english.includes(HOLE))
    .map(([english, german]) => [new RegExp(`^${english.split(HOLE).map(plain).join("(.+)")}$`, "s"), german]);
  for (const [pattern, german] of patterns) {
    const values = pattern.exec(said)?.slice(1);
    if (values) return german.replaceAll(HOLE, () => server(values.shift()));
  }
  return null;
}

// Eine Ablehnung, mit ihrem Wortlaut, wo er mehr sagt, und was genau daran nicht stimmt.
export function refused({ code, message, faults }) {
  const own = REFUSALS[code];
  const sentence = own ? server(message) : message;
  const said = faults ? `${sentence.replace(/\.$/, "")}: ${faults}` : sentence;
  if (!own) return said;
  return own.endsWith(": ") ? `${own}${said}` : own;
}
