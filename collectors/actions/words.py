"""Word lists that tell names from other words, and tasks from statements."""

from __future__ import annotations


def words(text: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(text.split())


VERBS = words(
    """
    accept add address adjust advertise align allocate amend analyse analyze announce answer apply
    approve archive arrange ask assemble assess assign attach attend audit automate back backport
    ban begin benchmark block blog book bring broadcast build bump buy call cancel capture carry
    catch categorise categorize change chase check choose circle circulate clarify clean clear close
    coach collaborate collate collect combine come comment commit communicate compare compile
    complete configure confirm connect consider consolidate consult contact contribute convene
    convert coordinate copy correct cover craft create cross cut debug decide define delegate delete
    deliver demo deploy deprecate describe design determine develop diagnose dig digest direct
    disable discuss distribute document double draft draw drive drop edit elaborate email enable
    encourage engage ensure escalate establish estimate evaluate examine execute expand experiment
    explain explore export express extend extract facilitate fetch figure file fill finalise
    finalize find finish fix flag flesh fold follow formalise formalize format forward foster freeze
    freshen gather generate get give go grab graduate group guide hand handle help hold host
    identify implement import improve include incorporate inform initiate inquire insert inspect
    install integrate interview introduce investigate invite involve issue iterate join kick label
    land launch lead learn leave let liaise lift link list lobby locate log look loop lower maintain
    make manage map mark measure meet mention merge message migrate mirror modify monitor move nag
    nominate note notify nudge obtain offer onboard open order organise organize outline own pair
    parse participate patch pay perform pick pin ping pitch place plan point poke poll populate port
    post postpone prepare present press prioritise prioritize probe process produce profile promote
    propose prototype provide publicise publicize publish pull purchase push put query question
    raise ratify reach read rebase rebuild recap recheck recommend reconcile reconfirm record
    recruit redesign redirect redo reduce refactor refer refine reformat refresh regenerate register
    reject relay release remind remove rename renew reopen reorder reorganise reorganize repeat
    replace reply report reproduce request reschedule research reserve reset resolve respond restart
    restore restructure resubmit retest retire retrieve retry return revert review revise revisit
    rewrite ride roll run save scan schedule scope screen seek select send separate set settle setup
    share shepherd ship show sign simplify sketch socialise socialize solicit solve sort source
    speak specify spin split sponsor square stage start state stop streamline strip study submit
    subscribe suggest summarise summarize supply support surface survey switch sync synchronise
    synchronize table tag take talk target teach tell test think tidy touch track train transcribe
    transfer transition translate triage trial trim triple try turn tweak type unblock understand
    undo unify unpin update upgrade upload validate verify vet view visit volunteer vote walk watch
    whip withdraw word work wrap write
    adapt adopt advise alert appoint author backfill bisect brief canvass chair compose convey debrief
    endorse enquire fund hire itemise itemize oversee petition phone procure pursue reassess reconvene
    redraft followup regroup remit renegotiate rephrase reword secure steer tender tighten trace undertake
    unpublish
    """
)
"""Verbs of action items, in the infinitive."""

UNMISTAKABLE = words(
    """
    add ask bring bringing clarify confirm continue create determine discuss do ensure figure find
    finish follow get give go identify implement investigate look make organise organize ping
    prepare present propose provide reach send set share sync take talk write
    """
)
"""Those that are never nouns: the word before one is a person."""

IDLE = words(
    """
    allow appear be become belong break cause contain cost crash depend exist expect fail feel fit
    grow happen have hear hope impact know lack last like live love mean miss need never not occur
    remain require result see seem sit sound stay suffer tend vary wait want win wonder
    """
)
"""Verbs that nobody can carry out: states, and things that just happen."""

COMMON = words(
    """
    a ability able about above access according action actions addition advice afraid after again
    agenda agree agreed agreement ai aim aims all already also although always an and announcement
    announcements another answer anxious any anybody anyone anything api approach approval april are
    around article as aside ask asks at attempt august autumn back background bad based because been
    before being below best beta better between big blocker blog board bonjour both bound branch bug
    bugs build but button by call calls can careful case cases certain chance change changes chat
    checklist choose ci ciao cleanup client cluster code comment comments community compared concern
    concerns conclusion config consensus content context continue contrary contributor contributors
    core could criteria curious current currently dashboard data date deadline dear december decent
    decide decision decisions default demo dependency deprecation design desire details did
    difficult discussion do doc docs document documentation does doing done draft due during each
    eager easier easy effort effortless either email end error essential etc even event events ever
    every everything example excited failure feature features february feedback few file files fine
    first fix flag focus folks follow follow-up followup for form free freedom friday from full fun
    further fyi general given glad goal goals going good great greetings group had hallo happy hard
    harder harmful has have he hello help helpful her here hesitant hey hi high him his hola hold
    hope hopes hoping hour hours how however i idea ideas if important impossible in incentive info
    initial input instead intent intention interested into introduction invitation invite is issue
    issues it item items its january job jobs july june just keen keep key kind know kubecon last
    later learnings less let lets level like likelihood likely limit link links list little long
    look looking lot low mail mailing main major make many march may maybe me meant meeting meetings
    member members message metrics might migration milestone mine minor minutes monday more most
    mostly motion motions move much must my name necessary need needed needs new newsletter next
    next-steps nice no
    nobody node none nope not note notes nothing november now number objection october of off ok
    okay old on once one only onto open opinion opportunity opposed option options or order other
    others our ours out outcome outline outreach over overview own owner owners page pages part past
    patch path people performance permission plan planned planning plans please pleased pleasure
    point policy possibility possible post pr prefer preferred prepared presentation previous prior
    priority privilege problem problems process project projects proposal proposals prs public
    question questions quick quickly ready really reason reasonable recap recording regular related
    relative release releases relevant reluctance reluctant remember reminder repo report repos
    request requests research resolution resolutions resolved rest result results retro review right
    roadmap role roles sad safe
    said same saturday schedule scope script scripts second section security see seek seems sent
    september server session sessions several she short should side sigs similar since site slide
    slides small so some someone something soon sorry sort spec spring sprint stable standup start
    status step steps still strategy strive stuff sub subject subproject such suggestion suggestions
    summary summer sunday support supposed sure survey sync system table talk task tasks team teams
    template tempting tendency test testing tests text than thank thanks that the their them then
    there these they thing things third this those though thought thoughts thread three through
    thursday thus ticket time times title to today todo together tomorrow too tool tools top topic
    topics tracking triage tricky try trying tuesday two unable under unknown unless unlikely unsafe
    until up update updates upgrade us use used useful user users using v version versions very via
    video volunteer volunteering volunteers vote voting want wanted was way ways we website
    wednesday week weekly weeks welcome well were what when where whether which while who whoever
    why wiki will willing willingness winter wip wise with within without wonderful work workflow
    working worth would wrong yeah year yes yesterday yet you your
    """
)
"""Words that begin a line without being a name."""


def _inflected(verb: str) -> tuple[str, ...]:
    """The third person and the past, formed by rule: some are no words, which does no harm."""
    stem = verb.removesuffix("y") + "ie" if verb[-1] == "y" and verb[-2:-1] not in "aeou" else verb
    third = verb + "es" if verb.endswith(("s", "sh", "ch", "x", "o")) else stem + "s"
    past = stem + "d" if stem.endswith("e") else verb + "ed"
    return third, past, verb + verb[-1] + "ed"


INFLECTED = frozenset(form for verb in VERBS | IDLE | {"use", "agree", "mean"} for form in _inflected(verb))
"""What begins a line about what somebody does or did: `Proposes to move it`, `Added to the list`."""

ARTICLES = words(
    """
    der die das dem den des dies diese dieser dieses ein eine einer es wir man le la les l' un une il elle on
    nous ce cette cet ces el los las lo una esta este estos se lo gli i o os as um uma het wij dit deze
    """
)
"""What sentences of other languages begin with, and no name does."""

ALSO_NAMES = words(
    """
    april august autumn cross foster june marks may said shepherd summer will
    """
)
"""Names among these words. `best`, `free`, `good`, `hope`, `keen`, `long` are none: "to" follows them too."""

ALSO_TIMES = words("april august autumn june may summer")
"""Those of which `June: book the hall` says when."""

ENDED_NAMES = words(
    """
    annelise charity chastity clement denise eloise felicity heloise louise serenity trinity verity
    blessing browning channing fleming golding harding keating manning sterling
    haiming jianing jiaming jingjing lingling tingting weiming xiaojing xiaoling xiaoming xiaoping xiaoqing
    yiming yuting zhiming
    """
)
"""Names that end as other words do: -ing, -ise, -ity, -ment."""

NOBODY = words(
    """
    - ? ?? ??? \u2013 \u2014 anybody anyone n/a na nobody none open owner somebody someone tba tbd
    unassigned unknown us volunteer volunteers we
    """
)
"""Words in the place of an owner that name nobody."""

EVERYBODY = words(
    """
    all everybody everyone folks team
    """
)
"""Words that name a team by themselves."""

TEAM = words(
    """
    administrator administrators admins approvers attendees authors board chair chairs clerk
    committee committers contributors convener coordinator coordinators council developers director
    directors editor editors engineering facilitator facilitators finance group groups lead
    leadership leads liaisons maintainer maintainers management manager managers marketing member
    members moderators officer officers organisers organizers owners rep representative
    representatives reps reviewers secretariat secretary shadow shadows sig sigs staff steering team
    teams treasurer trustees wg wgs
    """
)
"""Words that end a team's name."""
