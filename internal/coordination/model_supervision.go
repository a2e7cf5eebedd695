package coordination

// Names of the procedures of supervision and consultation.
const (
	Orders   = "supervision-order"
	Notes    = "leader-note"
	Opinions = "street-opinion"
	Points   = "opinion-point"
	Foreseen = "foreseen"
)
