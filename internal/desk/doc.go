// Package desk (办件台) is where people work with cases of any procedure: the
// inbox, the case page with what may be done and why not, the opening page, the
// public notices, and the generic API. Everything it shows is drawn from the
// procedure, so that a new one needs no page of its own.
//
// What must always be true: it decides nothing; what may be seen and done is
// asked of casework. A sealed value is shown once, after the read log has it. A
// party sees public acts only.
package desk
