// Package geo holds points on the earth as the house keeps them: longitude and
// latitude in degrees of WGS-84, which is CGCS2000 for every purpose here (the
// two differ by centimetres).
//
// Maps sold in China use two shifted datums, GCJ-02 and, on top of it, BD-09.
// [To] brings a point of any datum into the house, [From] takes one out. Both
// shifts are published nowhere; the formulas are the ones every open
// implementation shares, good to about a metre. Outside a box around China
// they do nothing, which is also what the map vendors do.
//
// Distances are metres on the ellipsoid. Within a few dozen kilometres a
// [Plane] is used: a local equirectangular projection with the ellipsoid's own
// radii, exact to millimetres per kilometre, invertible, and cheap.
package geo
