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
  "The board is another one now: look again.": "Die Tafel ist jetzt eine andere.",

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
  "Sets when it is due.": "Setzt, wann es fällig ist.",
  "Sets how urgent it is.": "Setzt, wie dringend es ist.",
  "Sets who it is for.": "Setzt, wen es betrifft.",
  "Sets how long it takes.": "Setzt, wie lange es dauert.",
  "Sets its note.": "Setzt die Notiz.",
  "Moves it in the list.": "Bewegt es in der Liste.",
  "Searches the records.": "Durchsucht die Dokumente.",
  "Shows what has changed since you last looked.": "Sagt, was sich seit Ihrem Blick geändert hat.",
  "Shows what is planned and free on a day, and what clashes.": "Sagt, was an einem Tag geplant und frei ist, und was sich überschneidet.",
  "Shows what the system is doing.": "Zeigt, was gerade gesammelt wird.",
  "Undoes your last line.": "Nimmt Ihre letzte Zeile zurück.",
  "Explains the commands, or one of them.": "Erklärt die Befehle, oder einen davon.",
};

// Ein Satz des Servers; was hier nicht steht, bleibt, wie er es sagt.
export const server = (said) => SAID[said] ?? said;

// Eine Ablehnung, mit ihrem Wortlaut, wo er mehr sagt.
export function refused({ code, message }) {
  const own = REFUSALS[code];
  if (!own) return message;
  return own.endsWith(": ") ? `${own}${server(message)}` : own;
}
