"""The words of notes and minutes in other languages than English, as expressions.

Days are in `days`. A language that is added here is read as marks, headings, columns and verbs;
fields below an item (`reader`) and states in tables (`tables`) name their words themselves.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Words:
    """Alternatives, with `|` between them: `mark` stands before something to do, `list` above a list of it,
    `people` above those present; `what`, `who`, `when` and `state` head the columns of a table; `will` stands
    between a name and what that person is to do, `does` begins it: these two are plain words."""

    mark: str = ""
    list: str = ""
    people: str = ""
    agenda: str = ""
    what: str = ""
    who: str = ""
    when: str = ""
    state: str = ""
    none: str = ""
    will: str = ""
    does: str = ""


LANGUAGES = {
    "de": Words(
        mark="aufgaben?|ma(?:ß|ss)nahmen?|zu erledigen|zu tun",
        list="aufgaben(?:liste)?|arbeitsaufträge|to-?do-?liste|aktionspunkte|ma(?:ß|ss)nahmen|offene punkte"
        "|zu erledigen|zu tun|n(?:ä|ae)chste schritte",
        people=r"teilnehmer(?:innen|\*innen)?|teilnehmende|anwesend(?:e)?",
        agenda="tagesordnung",
        what="aufgabe|ma(?:ß|ss)nahme|was",
        who="wer|verantwortlich|zuständig",
        when="bis|bis wann|wann|fällig|termin",
        state="stand",
        none="keine",
        will="soll|sollte|muss|wird",
        does="kümmert sich|klärt|prüft|erstellt|organisiert|schickt|sendet|übernimmt|informiert|kontaktiert"
        "|aktualisiert|bereitet|besorgt|fragt",
    ),
    "fr": Words(
        mark="à faire|tâches?",
        list="actions? à (?:mener|faire)|plan d'actions?|relevé d'actions?|à faire|tâches|prochaines étapes",
        people="présents",
        agenda="ordre du jour",
        what="tâche",
        who="responsable|qui",
        when="échéance|pour quand",
        state="statut",
        none="aucune?",
        will="doit|devra|va|se charge (?:de|d')|s'occupe (?:de|d')",
        does="envoie|prépare|vérifie|contacte|relance|organise|réserve|rédige|appelle|met à jour"
        "|enverra"
        "|préparera|vérifiera|contactera|relancera|organisera|réservera|rédigera|appellera",
    ),
    "es": Words(
        mark="tareas?|acci(?:ón|ones)|pendientes?",
        list="acciones|tareas|compromisos|tareas pendientes|pendientes|próximos pasos",
        people="asistentes",
        agenda="orden del día",
        what="tarea|acción",
        who="responsable|quién",
        when="fecha|para cuándo",
        state="estado",
        none="ninguna",
        will="debe|deberá|se encarga de|queda en",
        does="envía|prepara|revisa|contacta|llama|organiza|redacta|actualiza|enviará|preparará|revisará"
        "|contactará|llamará|organizará|redactará|actualizará",
    ),
    "it": Words(
        mark="azion[ei]|da fare",
        list="azioni|da fare|compiti|prossimi passi",
        people="partecipanti|presenti",
        agenda="ordine del giorno",
        what="azione|compito",
        who="responsabile|chi",
        when="scadenza",
        state="stato",
        none="nessuna",
        will="deve|dovrà|si occupa di",
        does="invia|verifica|contatta|chiama|organizza|prenota|aggiorna"
        "|invierà|preparerà|verificherà|contatterà",
    ),
    "pt": Words(
        mark="tarefas?|aç(?:ão|ões)|a fazer",
        list="ações|tarefas|a fazer|próximos passos",
        people="participantes",
        what="ação|tarefa",
        who="responsável|quem",
        when="prazo",
        none="nenhuma",
        will="deve|deverá|fica de",
        does="envia|verifica|liga|atualiza|verificará|ligará|atualizará",
    ),
    "nl": Words(
        mark="acties?|actiepunt(?:en)?",
        list="actiepunten|acties|actielijst|taken|te doen|vervolgstappen",
        people="aanwezig(?:en)?",
        what="actie|taak",
        who="wie|verantwoordelijke",
        when="wanneer",
        none="geen",
        will="moet|zal|gaat",
        does="stuurt|regelt|bereidt|controleert|belt|mailt|neemt contact op|vraagt",
    ),
    "pl": Words(
        mark="do zrobienia|zadani[ae]|działani[ae]",
        list="do zrobienia|zadania|działania|(?:następne|kolejne) kroki",
        people="obecni|uczestnicy",
        agenda="porządek (?:obrad|spotkania)",
        what="zadanie|działanie|co",
        who="kto|odpowiedzialn[ya]|osoba",
        when="termin|do kiedy",
        state="stan",
        none="brak",
        will="ma|musi|powinien|powinna",
        does="wyśle|przygotuje|sprawdzi|zrobi|napisze|skontaktuje się|umówi|zaktualizuje|ustali|zorganizuje"
        "|zadzwoni",
    ),
    "sv": Words(
        mark="att göra|åtgärd(?:er)?|åtgärdspunkt(?:er)?|uppgift(?:er)?",
        list="att göra|åtgärder|åtgärdspunkter|uppgifter|nästa steg",
        people="närvarande|deltagare",
        agenda="dagordning",
        what="åtgärd|uppgift|vad",
        who="vem|ansvarig",
        when="när|senast|klart",
        none="inga",
        will="ska|skall|kommer att|får i uppdrag att",
        does="skickar|kontaktar|kollar|bokar|undersöker|skriver|ringer|återkommer|förbereder|uppdaterar|ordnar",
    ),
    "da": Words(  # and Norwegian
        mark="handlingspunkt(?:er)?|aksjonspunkt(?:er)?|opgaver?|oppgaver?",
        list="handlingspunkter|aksjonspunkter|opgaver|oppgaver|næste skridt|neste (?:steg|skritt)",
        people="til ?stede|deltage?re|deltakere",
        agenda="dagsorden|saksliste",
        what="opgave|oppgave|hvad|hva",
        who="hvem|ansvarlig",
        when="hvornår|når|frist",
        none="ingen",
        will="skal",
        does="sender|kontakter|undersøger|undersøker|skriver|ringer|bestiller|følger op|følger opp",
    ),
    "ru": Words(
        mark="задач[аи]|сделать|что сделать|поручени[ея]|к исполнению",
        list="задачи|сделать|что сделать|поручения|к исполнению|(?:следующие|дальнейшие) шаги|план действий",
        people="присутствовали|присутствующие|участники",
        agenda="повестка(?: дня)?",
        what="задача|действие|что|поручение",
        who="кто|ответственный|исполнитель",
        when="срок|когда|до",
        state="статус",
        none="нет",
        will="должен|должна",
        does="отправит|пришлёт|пришлет|подготовит|проверит|сделает|напишет|свяжется|организует|обновит|составит|позвонит",
    ),
    "uk": Words(
        mark="завдання|зробити",
        list="завдання|зробити|наступні кроки",
        people="присутні|учасники",
        what="завдання",
        who="хто|відповідальний",
        when="термін|строк",
        none="немає",
        does="надішле|підготує|перевірить|зробить|напише|зв'яжеться|організує",
    ),
    "cs": Words(
        mark="úkoly?|k vyřízení",
        list="úkoly|k vyřízení|další kroky",
        people="přítomni|účastníci",
        what="úkol",
        who="kdo|odpovídá",
        when="termín",
        none="žádné",
        does="pošle|připraví|zjistí|napíše|zavolá|zařídí",
    ),
    "he": Words(
        mark="משימ(?:ה|ות)|לביצוע|לטיפול",
        list="משימות|לביצוע|לטיפול|נקודות לביצוע|(?:ה?צעדים|שלבים) הבאים|פעולות",
        people="משתתפים|נוכחים",
        agenda="סדר יום",
        what="משימה|פעולה|מה",
        who="אחראית?|מי",
        when="עד מתי|מועד|תאריך יעד",
        state="סטטוס",  # noqa: RUF001
        none="אין",
        will="צריך|צריכה|אמור|אמורה",
        does="תשלח|ישלח|תכין|יכין|תבדוק|יבדוק|תעדכן|יעדכן|תתאם|יתאם|תכתוב|יכתוב|תארגן|יארגן|תתקשר|יתקשר",
    ),
    "ja": Words(
        mark="アクション(?:アイテム)?|やること|宿題|対応事項|タスク",
        list="アクション(?:アイテム)?|やること|宿題|対応事項|タスク|次のステップ|ネクストアクション",
        people="出席者|参加者",
        agenda="議題|アジェンダ",
        what="タスク|内容|アクション|対応事項",
        who="担当者?",
        when="期限|期日",
        state="状態|ステータス",
        none="なし",
    ),
    "zh": Words(
        mark="待办(?:事项)?|待辦(?:事項)?|行动项|任务",
        list="待办(?:事项)?|待辦(?:事項)?|行动项|任务|下一步",
        people="参会人员|出席(?:人员)?|與會者",
        agenda="议程|議程",
        what="任务|事项",
        who="负责人|負責人",
        when="截止(?:日期|时间)?",
        state="状态",
        none="无",
    ),
}


def alternatives(*names: str) -> str:
    """The words of all languages for these, the longer ones first, so that none hides another."""
    found = {one for name in names for one in parts(name)}
    return "|".join(sorted(found, key=lambda one: (-len(one), one)))


def parts(name: str) -> frozenset[str]:
    """Each of them by itself."""
    return frozenset(one for words in LANGUAGES.values() for one in _parts(getattr(words, name)))


def _parts(words: str) -> list[str]:
    """The alternatives; those in brackets belong together."""
    parts, depth = [""], 0
    for sign in words:
        depth += {"(": 1, ")": -1}.get(sign, 0)
        if sign == "|" and not depth:
            parts.append("")
        else:
            parts[-1] += sign
    return [part for part in parts if part]
