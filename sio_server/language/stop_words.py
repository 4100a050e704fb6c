"""Stop words: grammar, and words that any meeting's title may have."""

from __future__ import annotations


def words(text: str) -> frozenset[str]:
    """The words of a list."""
    return frozenset(text.split())


ENGLISH = words(
    "a about after again all also an and any are as at be been before being but by can could did do does done"
    " down each even ever few for from get gets getting go going got had has have he her here him his"
    " how i if"
    " in into is it its just let like made make many may me might more most much must my need needs no"
    " nor not"
    " now of off on once only or other our out over own per please same she should since so some such than"
    " that the their them then there these they thing things this those through to too under until up us very"
    " via want was we were what when where which while who whom why will with within without would yes"
    " yet you"
    " your don doesn isn wasn aren won"
)
GERMAN = words(
    "aber alle allem allen aller als also am an auch auf aus bei beim bis bitte da damit dann das dass"
    " dein dem"
    " den denn der des dessen deine die dies diese diesem diesen dieser doch dort du durch ein eine"
    " einem einen"
    " einer eines er es etwas euch für gegen gibt hab habe haben hat hatte hier ich ihm ihn ihr ihre im"
    " in ins"
    " ist ja jede jeder jetzt kann kein keine können man mehr mein meine mich mir mit muss müssen nach nicht"
    " noch nun nur ob oder ohne schon sehr sein seine seit sich sie sind so soll sollen sollte über um"
    " und uns"
    " unser unsere unter viel vom von vor war waren was wegen weil wenn wer werden wie wieder will wir"
    " wird wo"
    " wollen wurde wurden zu zum zur zwischen"
)
FRENCH = words(
    "ai au aux avec avant après ça car ce cela ces cet cette chez comme dans de des donc du elle elles"
    " en entre"
    " es est et eu été être fait faire il ils je la le les leur leurs lors lui ma mais me mes moi mon même ne"
    " nos notre nous on ont ou où par pas peut pour plus qu que quel quelle qui sa sans se sera ses si"
    " son sont"
    " sous sur ta te tes toi ton tous tout toute toutes très tu un une va vers vos votre vous y"
)
SPANISH = words(
    "a al algo ante antes aquí como con cual cuando de del desde donde durante el ella ellos en entre era es"
    " esa ese eso esta este esto está están estos fue ha han hasta hay la las le les lo los más me mi mis muy"
    " nada ni no nos nosotros o para pero por porque que qué quien se según ser si sí sin sobre son su sus"
    " también tanto te tiene tienen todo todos tu un una uno unos va y ya yo"
)
GRAMMAR = ENGLISH | GERMAN | FRENCH | SPANISH

OF_MEETINGS = words(
    # English
    "agenda appointment biweekly bi-weekly call calls catch catchup chat check checkin daily day days discuss"
    " discussion draft event every fortnightly friday fyi go hold hour hours intro introduction invitation"
    " invite item items kick kickoff meet meeting meetings minutes monday month monthly morning next new note"
    " notes part placeholder plan planning prep pre-read preparation prepare project quarterly quick re read"
    " recurring regular remote reminder review reviews round saturday session sessions slot standup stand-up"
    " status sunday sync tbc tbd talk team thursday time today tomorrow touchpoint tuesday update updates"
    " version wednesday week weekly workshop year yearly final rehearsal"
    # German
    " abstimmung austausch besprechung besprechungen diskussion entwurf freitag gespräch jour fixe jourfixe"
    " mittwoch monatlich monatliche montag nachbesprechung planung projekt protokoll runde samstag sitzung"
    " sitzungen sonntag stand täglich telefonat telko termin termine treffen vorbereitung vorbesprechung"
    " woche"
    " wöchentlich wöchentliche donnerstag dienstag heute morgen"
    # French
    " appel atelier aujourd hui bilan brouillon compte-rendu demain dimanche échange entretien hebdo"
    " hebdomadaire jeudi jour journée lundi mardi mensuel mensuelle mercredi mise ordre planification"
    " point préparation projet quotidien rendez rendez-vous réunion réunions revue samedi séance suivi"
    " vendredi équipe"
    # Spanish
    " acta borrador charla cita diaria diario domingo encuentro equipo hoy jueves llamada lunes mañana martes"
    " mensual miércoles planificación preparación proyecto repaso reunión reuniones revisión sábado"
    " seguimiento semana semanal sesión taller trimestral viernes"
    # Japanese
    " ミーティング 会議 打ち合わせ 打合せ 定例 定例会 定例会議 面談 相談 確認 共有 報告 報告会 朝会 夕会"
    " 月次 週次 日次 進捗 準備 資料 について に関する の件 今日 明日 今週 来週 レビュー キックオフ 予定"
)
