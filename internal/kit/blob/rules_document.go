package blob

import (
	"archive/zip"
	"bytes"
	"path"
	"strings"
	"unicode"
	"unicode/utf8"

	"linli/internal/kit/fault"
)

// Media types of the documents an office exchanges.
const (
	pdfKind  = "application/pdf"
	docxKind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
	xlsxKind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	pptxKind = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
	ofdKind  = "application/ofd"
	oldKind  = "application/x-ole-storage" // .doc, .xls, .wps of before 2007
)

// Document tells what a file is, by its content and not by what was claimed, and
// admits pictures, PDF, OFD, office documents without macros, and plain text or
// CSV in UTF-8 (only there does the name decide). It changes nothing; a picture
// goes through Photo. Faults: blob.empty, blob.file_kind, blob.macro, blob.heic.
func Document(data []byte, name string) (media string, err error) {
	if len(data) == 0 {
		return "", fault.New(fault.Invalid, "blob.empty")
	}
	if kind, err := pictureKind(data); err == nil || fault.Of(err).Key == "blob.heic" {
		return kind, err
	}
	switch {
	case bytes.HasPrefix(data, []byte("%PDF-")):
		return pdfKind, nil
	case bytes.HasPrefix(data, []byte("PK\x03\x04")):
		return packed(data)
	case bytes.HasPrefix(data, []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")):
		// the names of streams stand in the file as UTF-16
		if bytes.Contains(data, []byte("V\x00B\x00A\x00")) || bytes.Contains(data, []byte("_\x00V\x00B\x00A\x00_\x00P\x00R\x00O\x00J\x00E\x00C\x00T\x00")) {
			return "", fault.New(fault.Invalid, "blob.macro")
		}
		return oldKind, nil
	case plainText(data):
		switch strings.ToLower(path.Ext(name)) {
		case ".csv":
			return "text/csv", nil
		case ".txt", ".md", "":
			return "text/plain", nil
		}
	}
	return "", fault.New(fault.Invalid, "blob.file_kind")
}

// packed looks at the names inside a zip, unpacking nothing.
func packed(data []byte) (string, error) {
	refused := fault.New(fault.Invalid, "blob.file_kind")
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return "", refused.Because(err)
	}
	media := ""
	for _, f := range z.File {
		name := strings.ToLower(f.Name)
		switch {
		case strings.HasSuffix(name, "vbaproject.bin"):
			return "", fault.New(fault.Invalid, "blob.macro")
		case name == "word/document.xml":
			media = docxKind
		case name == "xl/workbook.xml":
			media = xlsxKind
		case name == "ppt/presentation.xml":
			media = pptxKind
		case name == "ofd.xml":
			media = ofdKind
		}
	}
	if media == "" {
		return "", refused
	}
	return media, nil
}

func plainText(data []byte) bool {
	if !utf8.Valid(data) {
		return false
	}
	for _, r := range string(data) {
		if unicode.IsControl(r) && r != '\n' && r != '\r' && r != '\t' {
			return false
		}
	}
	return true
}
