package web

// SheetTexts are the style sheets as they may stand within a page.
func SheetTexts() (out []string) {
	for _, s := range loadAssets(Files).sheets() {
		out = append(out, s.text)
	}
	return out
}
