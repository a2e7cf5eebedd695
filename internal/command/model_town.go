package command

import (
	"linli/internal/casework"
	"linli/internal/identity"
)

// mostInTown is how many cases each list of a township's page shows.
const mostInTown = 10

// Town is a township's command of today, of what the viewer's posts see.
type Town struct {
	Unit     identity.Unit
	Total    Numbers
	Offices  []TownUnit // the township itself and its own offices
	Stations []TownUnit // units stationed here, under its command
	Below    []TownUnit // villages and communities
	Grids    []Part     // by code
	Decides  []casework.Row
	Whistles []casework.Row // open ones the township called
	Tasks    []casework.Row // handed down, lying here or below
	Orders   []casework.Row // to stationed units
	Teams    []casework.Row // matters with the team of a grid
	State    State
}

// TownUnit is one unit of the page.
type TownUnit struct {
	identity.Unit
	Counts Numbers
	OnDuty []Watch
}
