package privacy

// Kinds of finding.
const (
	FindID      = "id"      // identity number
	FindPhone   = "phone"   // telephone
	FindAccount = "account" // bank account, or any number long enough to be one
	FindContact = "contact" // mail address, name in a messenger
	FindPlate   = "plate"   // number plate
	FindName    = "name"    // a person's name
	FindDoor    = "door"    // where in a building somebody lives
	FindBirth   = "birth"   // the day on which somebody was born
)

// Finding is a stretch of words that points to a person: characters From to To.
// A hard one may not be released at all; the others a person may let stand.
type Finding struct {
	Kind     string
	From, To int
	Hard     bool
	Line     bool // a fixed line, which an office may give in its own words
}
