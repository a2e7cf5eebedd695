package procedure

// Place is where something is. Longitude and latitude are degrees in
// WGS-84/CGCS2000; Meters is the stated uncertainty.
type Place struct {
	Lon    float64 `json:"lon,omitempty"`
	Lat    float64 `json:"lat,omitempty"`
	Meters float64 `json:"meters,omitempty"`
	Words  string  `json:"words,omitempty"`
	Area   string  `json:"area,omitempty"`   // code of grid, community … where known
	Status string  `json:"status,omitempty"` // inside, border, gap, outside, several, named, none
}

// Point reports whether the place has coordinates.
func (p Place) Point() bool { return p.Lon != 0 || p.Lat != 0 }
