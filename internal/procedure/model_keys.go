package procedure

// Key describes one key of a procedure file. docs/procedure.md and the JSON
// Schema are written from these tables, so that they cannot fall behind.
type Key struct {
	Name string
	Type string // text, texts, words, yes, number, length, map, KEYS (a table by name)
	Must bool
	Text string // what it says, in English; docs/procedure.md carries it
}

// FieldTypes are the types a field of a form may have.
var FieldTypes = []string{"text", "lines", "choice", "choices", "number", "money", "yes", "day", "quarter", "phone", "idnumber", "account",
	"place", "area", "unit", "units", "class", "length", "photos", "files", "recording", "case", "decision"}

// Themes are the headings under which people find what they may begin, in the order
// of the page. Their words are procedure.theme.THEME.
var Themes = []string{"request", "deliberation", "affairs", "coordination", "platform", "other"}

var wordKeys = []Key{{"zh", "text", true, "in Chinese"}, {"en", "text", true, "in English"}}

var procedureKeys = []Key{
	{"procedure", "text", true, "its name; the file is called NAME.yaml"},
	{"title", "words", true, "what people call it"},
	{"about", "words", false, "one sentence for somebody who has never seen it"},
	{"norm", "text", false, "norm and article it rests on"},
	{"theme", "text", false, "under which heading people find it when they begin something: one of the themes; without it the last, other"},
	{"downward", "yes", false, "it puts work on a street or below; the act that first names a receiver must have the check coordination.admitted"},
	{"staff", "yes", false, "only staff may open it; it is not offered to residents"},
	{"see", "texts", false, "who may see a case (relations); without it the default views of catalog/rights/views.yaml"},
	{"reveal", "texts", false, "who may open a sealed value of a case (relations); without it the default"},
	{"parties", "map of words", false, "roles of people who take part without a post, e.g. reporter"},
	{"subject", "text", false, "the field whose value is the title of a case"},
	{"area", "text", false, "the field whose value says where a case belongs"},
	{"form", "map of fields", false, "the values a case may hold"},
	{"states", "map of states", true, "where a case can stand"},
	{"clocks", "map of clocks", false, "limits and least times"},
	{"acts", "map of acts", true, "what can be done"},
	{"schedules", "map of schedules", false, "cases that open by themselves when a period is over"},
}

var fieldKeys = []Key{
	{"type", "text", true, "one of the field types"},
	{"label", "words", true, "what the page calls it"},
	{"help", "words", false, "one line under the field"},
	{"max", "number", false, "most characters, greatest number, most files, or most days of a length"},
	{"min", "number", false, "least number"},
	{"options", "map of words", false, "for choice and choices"},
	{"sealed", "yes", false, "kept encrypted; shown masked; opened with a purpose, on the read log"},
	{"listed", "yes", false, "a column to filter and sort by"},
	{"purpose", "words", false, "why it is asked; required where sealed"},
}

var stateKeys = []Key{
	{"zh", "text", true, "in Chinese"}, {"en", "text", true, "in English"},
	{"kind", "text", false, "open (the office must act; the default), waiting (for somebody else), done (finished, may be reopened) or final"},
	{"desk", "text", false, "post kind in the area whose inbox holds the case while no unit does"},
}

var clockKeys = []Key{
	{"label", "words", true, "what the page calls it"},
	{"at most", "length", false, "a limit, e.g. 10 workdays; or \"value FIELD\" for a length held by the case (from the duty list); where it holds none the clock does not begin"},
	{"at least", "length", false, "a least time, e.g. a notice that stands 15 days; the first day is not counted"},
	{"back from", "text", false, "the field that holds the chosen day; the act must happen no later than \"by\" before it; never rolls"},
	{"by", "length", false, "how long before the chosen day"},
	{"from", "texts", true, "acts that start it; ACT.happened counts from when it happened, ACT or ACT.recorded from when it was recorded; a running clock is never started again"},
	{"until", "texts", false, "acts that end it; reaching a final state ends every clock"},
	{"pause", "texts", false, "states in which it does not count"},
	{"warn", "text", false, "share after which it warns, e.g. 80%"},
	{"breach", "texts", false, "what a missed limit does: escalate (the unit above is told, level after level), perform ACT"},
	{"end", "texts", false, "what the end of a least time does: perform ACT"},
	{"norm", "text", false, "norm and article"},
	{"tighten", "text", false, "shorter or longer: the direction in which a county may change it"},
	{"statutory", "yes", false, "a local file may not remove it"},
}

var actKeys = []Key{
	{"label", "words", true, "what the button says"},
	{"help", "words", false, "one line that helps the doer"},
	{"from", "texts", false, "states it may be done in; without it the act opens a case"},
	{"to", "text", false, "the state after it; without it the state stays"},
	{"may_lead", "texts", false, "other states to which an effect of the act may lead"},
	{"who", "texts", true, "relations: anyone, holder, unit [of FIELD] [as POST], area as POST, party as ROLE, parent, deputy, commander; or clock, child, leader (the leading case that passes it on)"},
	{"not_by", "texts", false, "acts whose doer may not do this one; parent.ACT for an act of the parent case, leader.ACT for one of the leading case"},
	{"fill", "texts", false, "fields it asks for"},
	{"may_fill", "texts", false, "fields it offers and does not require"},
	{"check", "texts", false, "named checks that must hold; the engine's own: clock.NAME.running, .ended, .kept; children.done, children.none_open (also .PROCEDURE); opinions.complete, opinions.all_agree"},
	{"guard", "text", false, "one expression over the case's own values, state, and done (the names of the acts done so far)"},
	{"otherwise", "words", false, "what is said where the guard does not hold"},
	{"effect", "texts", false, "named effects"},
	{"holder", "text", false, "who holds the case then: actor, none, unit of FIELD, unit (the unit keeps it, no person), leader (the unit of the leading case)"},
	{"opens", "opens", false, "child cases it opens: of one procedure, or a list of several"},
	{"performs", "performs", false, "an act of the parent case, done in the same transaction"},
	{"follows", "follows", false, "by it the case begins to follow a leading case"},
	{"unfollows", "yes", false, "by it the case ceases to follow its leading case"},
	{"passes_on", "passes_on", false, "an act that every case following this one then does, soon after and exactly once"},
	{"opinion", "opinion", false, "it gives the word of one of several bodies (one for each relation in who)"},
	{"decides", "decides", false, "one decision rule of the law or a list of them, judged before the act on the day it happened"},
	{"tells", "texts", false, "who is told: holder, unit, parent, leader (who holds the leading case), party ROLE, unit of FIELD, area as POST"},
	{"publish", "texts", false, "fields that are public from then on"},
	{"unpublish", "yes", false, "what was published is public no longer, such as a list of persons whose term has ended"},
	{"party", "text", false, "the role that the doer of an opening act takes; a later act that the house does for somebody (who: clock) adds a party of that role, without link"},
	{"quiet", "yes", false, "changes no state, holder or value that others rely on; collides with nobody"},
	{"counted", "yes", false, "a quiet act of which the page tells how many there are, not each one"},
	{"entered_later", "yes", false, "may be entered after it happened (a meeting on paper, a phone without network)"},
	{"statutory", "yes", false, "a local file may not remove it"},
	{"with_parent", "yes", false, "the engine does it when the parent case reaches a final state (who: child)"},
	{"public", "yes", false, "the party sees it on the timeline"},
	{"norm", "text", false, "norm and article"},
}

var opensKeys = []Key{
	{"procedure", "text", true, "the child's procedure"},
	{"act", "text", true, "the child's opening act"},
	{"each", "text", false, "a field that holds units: one child for each of them"},
	{"unit", "text", false, "who holds the child: FIELD, each, holder (the unit of this case), above (the unit above it)"},
	{"with", "map", false, "child field: field of this case"},
	{"when", "text", false, "one expression, as in guard, over the case's values after this act; where it does not hold nothing is opened"},
}

var performsKeys = []Key{
	{"act", "text", true, "the parent's act, whose who contains child"},
	{"with", "map", false, "parent field: field of this case"},
}

var followsKeys = []Key{
	{"case", "text", true, "the field of type case that names the leading case"},
	{"in", "texts", true, "states of the leading case in which it may be followed"},
	{"of", "text", false, "the leading case's procedure; without it this one"},
}

var passesKeys = []Key{
	{"act", "text", true, "the following case's act, whose who contains leader"},
	{"with", "map", false, "field of the following case: field of this case, as it is after this act"},
}

var scheduleKeys = []Key{
	{"label", "words", true, "what people call it"},
	{"every", "text", false, "week, month, quarter or year: a case is opened for each when it is over"},
	{"for", "texts", false, "one case for each area of the level: village, community, township, county"},
	{"list", "text", false, "instead of every and for: the name of a plan that a room offers; each of its lines says how often and for which areas"},
	{"opens", "text", true, "the opening act, which a clock may do and which may be entered later: it happens when the period ends"},
	{"post", "text", false, "kind of post in the area whose unit holds the case"},
	{"with", "map", true, "field: what it is given: area, period, first_day, last_day, line (of the plan), or a value that the plan's line brings"},
	{"statutory", "yes", false, "a local file may not remove it"},
	{"norm", "text", false, "norm and article"},
}

var opinionKeys = []Key{
	{"need", "text", true, "all, any or a number of bodies"},
	{"then", "text", false, "state when the need is reached and nobody objected"},
	{"object", "text", false, "state when somebody objected and the need can no longer be reached"},
}

var decidesKeys = []Key{
	{"rule", "text or rule", true, "a rule of catalog/law, or {field: FIELD, of: {VALUE: rule}}; the rule \"\" means that none applies to that value"},
	{"facts", "map", false, "fact of the rule: field of this case, or a fact reader of a room (ROOM.NAME); a fact not named is taken from the field of its name"},
	{"keeps", "text", true, "the field of type decision that keeps outcome, article, numbers and sentence"},
	{"needs", "texts", false, "outcomes that let the act be done; any other refuses it with the sentence and the article"},
	{"leads", "map", false, "outcome: state"},
}

var ruleKeys = []Key{
	{"field", "text", true, "the field of type choice whose value chooses the rule"},
	{"of", "map", true, "value: rule"},
}

// tables names the key tables for the documentation and the JSON Schema.
var tables = []struct {
	Name string
	Keys []Key
}{
	{"procedure", procedureKeys}, {"field", fieldKeys}, {"state", stateKeys}, {"clock", clockKeys}, {"act", actKeys},
	{"opens", opensKeys}, {"performs", performsKeys}, {"follows", followsKeys}, {"passes_on", passesKeys}, {"opinion", opinionKeys}, {"decides", decidesKeys}, {"rule", ruleKeys}, {"schedule", scheduleKeys},
}
