"""Words that tell a person's name from the rest of a line, and what is to be done from what is."""

from __future__ import annotations

VERBS = frozenset(
    """
    accept add address adjust advertise align allocate amend analyse analyze announce answer apply approve archive
    arrange ask assemble assess assign attach attend audit automate back backport ban begin benchmark block blog book
    bring broadcast bump build bring buy call cancel capture carry catch categorise categorize change chase check
    choose circle circulate clarify clean clear close coach collaborate collate collect combine come comment commit
    communicate compare compile complete configure confirm connect consider consolidate consult contact contribute
    convene convert coordinate copy correct cover craft create cross cut debug decide define delegate delete deliver
    demo deploy deprecate describe design determine develop diagnose digest direct disable discuss distribute dig
    document double draft draw drive drop edit elaborate email enable encourage engage ensure escalate establish
    estimate evaluate examine execute expand experiment explain explore export express extend extract facilitate fetch
    figure file fill finalise finalize find finish fix flag flesh fold follow formalise formalize format forward
    foster freeze freshen gather generate get give go grab graduate group guide hand handle help hold host identify
    implement import improve include incorporate inform initiate inquire insert inspect install integrate interview
    introduce investigate invite involve issue iterate join kick label land launch lead learn let leave liaise lift
    link list locate log lobby look loop lower maintain make manage map mark measure meet mention merge message
    migrate mirror modify monitor move nag nominate note notify nudge obtain offer onboard open order organise
    organize outline own pair parse participate patch pay perform pick pin ping pitch place plan point poke poll
    populate port post postpone prepare present press prioritise prioritize probe process produce profile promote
    propose prototype provide publicise publicize publish pull purchase push put query question raise ratify reach
    read rebase rebuild recap recheck recommend reconcile reconfirm record recruit redesign redirect redo reduce
    refactor refer refine reformat refresh regenerate register reject relay release remind remove rename renew reopen
    reorganise reorganize reorder repeat replace reply report reproduce request research reschedule reserve reset
    resolve respond restart restore restructure resubmit retest retire retrieve retry return revert review revise
    revisit rewrite ride roll run save scan schedule scope screen seek select send separate set settle setup share
    shepherd ship show sign simplify sketch socialise socialize solicit solve sort source speak specify split sponsor
    spin square stage start state stop streamline strip study submit subscribe suggest summarise summarize supply
    support surface survey switch sync synchronise synchronize table tag take talk target teach tell test think tidy
    touch track train transcribe transfer transition translate triage trial trim triple try turn tweak type unblock
    understand undo unify unpin update upgrade upload validate verify vet view visit volunteer vote walk watch
    whip withdraw word work wrap write
    """.split()
)
"""What an action item asks for, in its plain form."""

IDLE = frozenset(
    """
    allow appear be become belong break cause contain cost crash depend exist expect fail feel fit grow happen have
    hear hope impact know lack last like live love mean miss need never not occur remain require result see seem sit
    sound stay suffer tend vary wait want win wonder
    """.split()
)
"""What nobody has to do: states, and what happens by itself."""

COMMON = frozenset(
    """
    a about above action actions after again agenda agreed agreement ai all already also although always an and
    announcement announcements another any anybody anyone anything api approach approval are around article as aside
    at attempt back background bad based because been before being below best better beta between big blocker blog
    board both branch bug bugs build but by call calls can case cases change changes chat checklist ci cleanup code
    comment comments community concern concerns conclusion config content context core could current currently
    dashboard data date deadline decision decisions default demo dependency deprecation design details did discussion
    do doc docs document documentation does doing done draft due during each either email end error etc even event
    events ever every everything example example feature features feedback few file files first fix flag focus folks
    follow followup for form free from full further fyi general given goal goals going good great had has have he
    help her here hi high him his hold hour hours how however i idea ideas if important in info initial input instead
    into introduction invite is issue issues it item items its job jobs just keep key kind know last later less let
    lets level like likely limit link links list little long look looking lot low mail mailing main major make many
    may maybe me meeting meetings member members message metrics might migration milestone mine minor minutes more
    most move much must my name need needed needs new newsletter next nice no nobody node none nope not note notes
    nothing now number of off ok okay old on once one only onto open opinion option options or order other others our
    ours out outline outreach over overview own owner owners page pages part past patch people performance plan
    planning plans please point policy post pr presentation previous priority problem problems process project
    projects proposal proposals prs public question questions quick quickly ready really recap recording regular
    release releases reminder repo repos report request requests research rest result results retro review right
    roadmap role roles same schedule scope second section security see seems session sessions several she short
    should side since site slide slides small so some someone something soon sorry sort spec sprint stable standup
    start status step steps still stuff such suggestion suggestions summary support sure survey sync system table
    talk task tasks team teams template test tests testing text than thank thanks that the their them then there
    these they thing things third this those though thought thoughts thread three through thus ticket time times
    title to today todo together tomorrow too tool tools top topic topics tracking triage try two under unless until
    up update updates upgrade us use used user users using v version versions very via video volunteer volunteers vote
    voting want wanted was way we website week weekly weeks welcome well were what when where whether which while
    who whoever why wiki will wip with within without work working workflow would yeah year yes yesterday yet you your
    able ability trying way ways reason path desire chance choose continue decide ask asks able unable hope hopes
    easy hard possible impossible difficult necessary nice happy glad willing ready about according access time
    """.split()
)
"""What begins a line without being anybody's name."""

NOBODY = frozenset(
    """
    tbd tba ? ?? ??? none nobody n/a na unassigned - — – someone somebody anyone anybody volunteer volunteers owner
    unknown open we us
    """.split()  # noqa: RUF001
)
"""What stands where an owner should, and is none."""

EVERYBODY = frozenset("all everyone everybody folks team".split())
"""Teams that need no other word to be one."""

TEAM = frozenset(
    """
    team teams member members committee chair chairs lead leads group groups board owners shadow shadows editors
    maintainer maintainers officer officers staff rep reps representative representatives council sig sigs wg wgs
    approvers reviewers contributors leadership liaisons organizers organisers attendees steering secretary committers
    """.split()
)
"""What ends the name of several people who are one."""
