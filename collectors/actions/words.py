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
    redraft remit renegotiate rephrase reword secure steer tender tighten trace undertake unpublish
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
    a ability able about above access according action actions after again agenda agreed agreement
    ai aim aims all already also although always an and announcement announcements another any
    anybody anyone anything api approach approval april are around article as aside ask asks at
    attempt august autumn back background bad based because been before being below best beta better
    between big blocker blog board both branch bug bugs build but button by call calls can case
    cases chance change changes chat checklist choose ci cleanup client cluster code comment
    comments community concern concerns conclusion config consensus content context continue contributor
    contributors core could current currently dashboard data date deadline december decide decision
    decisions default demo dependency deprecation design desire details did difficult discussion do
    doc docs document documentation does doing done draft due during each easier easy either email
    end error etc even event events ever every everything example feature features february feedback
    few file files first fix flag focus folks follow follow-up followup for form free friday from
    full further fyi general given glad goal goals going good great group had happy hard harder has
    have he help her here hesitant hi high him his hold hope hopes hoping hour hours how however i
    idea ideas if important impossible in info initial input instead interested into introduction
    invite is issue issues it item items its january job jobs july june just keep key kind know
    kubecon last later less let lets level like likely limit link links list little long look
    looking lot low mail mailing main major make many march may maybe me meeting meetings member
    members message metrics might migration milestone mine minor minutes monday more most move much
    must my name necessary need needed needs new newsletter next next-steps nice no nobody node none
    nope not note notes nothing november now number october of off ok okay old on once one only onto
    objection open opinion option options or order other others our ours out outcome outline outreach over
    overview own owner owners page pages part past patch path people performance plan planned
    planning plans please point policy possible post pr prefer preferred presentation previous
    priority problem problems process project projects proposal proposals prs public question
    questions quick quickly ready really reason recap recording regular release releases reminder
    repo report repos request requests research rest result results retro review right roadmap role
    roles safe same saturday schedule scope script scripts second section security see seek seems
    september server session sessions several she short should side sigs since site slide slides
    small so some someone something soon sorry sort spec spring sprint stable standup start status
    step steps still stuff sub subproject such suggestion suggestions summary summer sunday support
    supposed sure survey sync system table talk task tasks team teams template test testing tests text than
    thank thanks that the their them then there these they thing things third this those though
    thought thoughts thread three through thursday thus ticket time times title to today todo
    together tomorrow too tool tools top topic topics tracking triage try trying tuesday two unable
    under unless unsafe until up update updates upgrade us use used user users using v version
    versions very via video volunteer volunteering volunteers vote voting want wanted was way ways
    we website wednesday week weekly weeks welcome well were what when where whether which while who
    whoever why wiki will willing winter wip with within without work workflow working would yeah
    year yes yesterday yet you your
    """
)
"""Words that begin a line without being a name."""

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
    approvers attendees board chair chairs committee committers contributors council editors group
    groups lead leadership leads liaisons maintainer maintainers member members officer officers
    organisers organizers owners rep representative representatives reps reviewers secretary shadow
    shadows sig sigs staff steering team teams wg wgs
    """
)
"""Words that end a team's name."""
