package coordination

// Names of the procedures of supervision and consultation.
const (
	Orders   = "supervision-order"
	Notes    = "leader-note"
	Foreseen = "foreseen"

	Consultations = "opinion-request"
	Opinions      = "street-opinion"
	Points        = "opinion-point"
)
