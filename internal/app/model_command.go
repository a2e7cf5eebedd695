package app

// commands is the command line: linli COMMAND …
type commands struct {
	Lang string `placeholder:"LANG" help:"Language of what is printed: zh-CN or en. Default: from the environment."`

	Serve       serveCommand        `cmd:"" help:"Serve the house: pages, API and jobs."`
	Verify      verifyCommand       `cmd:"" help:"Check the log, the cases and the lists. Exit status 1 when something is found."`
	Import      importCommands      `cmd:"" help:"Load lists. Runs through the server where one runs on the data folder."`
	Catalog     catalogCommands     `cmd:"" help:"Check or publish files of the catalogue."`
	Procedure   procedureCommand    `cmd:"" help:"Check, draw or describe procedures."`
	Senders     sendersCommands     `cmd:"" help:"Check or try the senders by which notices leave the house."`
	Law         lawCommands         `cmd:"" help:"Deadlines and codes. Exit status 2 on errors."`
	Rebuild     rebuildCommand      `cmd:"" help:"Read the whole log again for one of its readers: search, command, notice, evaluation, publicity and others. Runs through the server where one runs."`
	Upgrade     upgradeCommands     `cmd:"" help:"Before a newer program takes over."`
	Version     versionCommand      `cmd:"" help:"Print the version."`
	Certificate certificateCommands `cmd:"" help:"Look at a certificate."`
}

// place says where a house stands.
type place struct {
	Data     string `default:"./linli-data" placeholder:"DIR" help:"Data folder: keys, socket, attachments, and the database where --database is not given."`
	Database string `placeholder:"URL" env:"LINLI_DATABASE" help:"postgres:// address; without it SQLite in the data folder."`
}

type serveCommand struct {
	place
	Listen   string   `default:"127.0.0.1:8080" placeholder:"ADDR" help:"Address to listen on."`
	Public   string   `placeholder:"URL" help:"Address under which people reach this house, for links and QR codes."`
	Demo     bool     `help:"Fill an empty house with a fictitious county and its cases."`
	Set      string   `enum:"county,streets" default:"county" help:"With --demo: which county, the small one with all kinds of cases, or one of 30 streets with a year of tasks, whistles and requests."`
	Seed     uint64   `default:"1" placeholder:"N" help:"With --demo: the same number makes the same cases."`
	Catalog  string   `placeholder:"DIR" help:"Folder of catalogue files laid over the program's own."`
	Tiles    string   `placeholder:"URL" help:"Tiles below the map, as https://host/{z}/{x}/{y}.png; without it the map is drawn from the imported lists alone."`
	Datum    string   `name:"tiles-datum" default:"WGS-84" placeholder:"DATUM" help:"Datum of the tiles: WGS-84, CGCS2000 or GCJ-02."`
	Credit   string   `name:"tiles-credit" placeholder:"TEXT" help:"Who made the tiles; shown on the map. Required with --tiles."`
	Senders  string   `placeholder:"FILE" help:"By which senders notices leave the house (YAML); without it they stand in it only, in the demo they go to a file."`
	TLSCert  string   `name:"tls-cert" placeholder:"FILE" help:"Certificate chain (PEM)."`
	Redirect string   `placeholder:"ADDR" help:"Address, for instance :80, from which plain HTTP is led to HTTPS; needs --tls-cert."`
	TLSKey   string   `name:"tls-key" placeholder:"FILE" help:"Private key (PEM)."`
	Proxy    []string `placeholder:"NET" help:"Address or network of a proxy whose X-Forwarded-For is believed; may be given again."`
	Metrics  string   `name:"metrics-token" env:"LINLI_METRICS_TOKEN" placeholder:"TOKEN" help:"Opens /metrics to others than this machine."`
}

type sendersCommands struct {
	Check sendersCheck `cmd:"" help:"Check a file of senders. Exit status 1 on problems, each with FILE:LINE."`
	Try   sendersTry   `cmd:"" help:"Send one trial message."`
}

type sendersCheck struct {
	File string `arg:"" help:"YAML file."`
}

type sendersTry struct {
	Sender string `required:"" placeholder:"NAME" help:"Which of the senders."`
	To     string `required:"" placeholder:"RECEIVER" help:"Number, address or account that gets the trial message."`
	File   string `arg:"" help:"YAML file."`
}

type verifyCommand struct {
	place
	Server  string `placeholder:"URL" help:"Check a running server over the network instead of a data folder."`
	Against string `placeholder:"FILE" help:"Older checkpoints; a history rewritten since then is found."`
	Key     string `placeholder:"FILE" help:"With --server: the verifier key that was kept (key.txt); without it the server's own is believed."`
}

type importCommands struct {
	Areas    importAreas    `cmd:"" help:"Divisions from CSV (code,name or several levels side by side), also gzipped."`
	Grids    importGrids    `cmd:"" help:"Grids from GeoJSON."`
	Places   importPlaces   `cmd:"" help:"Place names from CSV."`
	Roads    importRoads    `cmd:"" help:"Roads, railways and waters of the map from GeoJSON lines."`
	Units    importUnits    `cmd:"" help:"Units from CSV."`
	Requests importRequests `cmd:"" help:"Orders of an earlier system from CSV, by a column map."`
	Duty     importDuty     `cmd:"" help:"A duty list from YAML or CSV; checked and published."`
	Calendar importCalendar `cmd:"" help:"The working-day calendar of a year from YAML, JSON or CSV."`
}

type importAreas struct {
	place
	On    string   `placeholder:"DATE" help:"Day whose state the files tell; default today."`
	Whole bool     `help:"The files are complete: what is known and not in them ends on that day."`
	Under string   `placeholder:"CODE" help:"With --whole: complete only under this code."`
	Files []string `arg:"" name:"file" help:"CSV files, also gzipped."`
}

type importGrids struct {
	place
	Datum string `required:"" placeholder:"DATUM" help:"WGS-84, CGCS2000, GCJ-02 or BD-09; it is never guessed."`
	From  string `placeholder:"DATE" help:"Day from which these borders hold; default today."`
	Whole bool   `help:"The file holds every grid of the communities it names."`
	File  string `arg:"" help:"GeoJSON file."`
}

type importPlaces struct {
	place
	Datum string `placeholder:"DATUM" help:"Datum of rows that state none."`
	File  string `arg:"" help:"CSV file."`
}

type importRoads struct {
	place
	Datum string `required:"" placeholder:"DATUM" help:"WGS-84, CGCS2000, GCJ-02 or BD-09; it is never guessed."`
	Whole bool   `help:"The file holds every road: others are taken off the map."`
	File  string `arg:"" help:"GeoJSON file."`
}

type importUnits struct {
	place
	File string `arg:"" help:"CSV file."`
}

type importRequests struct {
	place
	Map  string `required:"" placeholder:"MAP.yaml" help:"Which column is what."`
	File string `arg:"" help:"CSV file."`
}

type importDuty struct {
	place
	ID     string `name:"id" help:"With CSV: id of the list."`
	Area   string `help:"With CSV: code of the area it holds in."`
	From   string `placeholder:"DATE" help:"With CSV: day from which it holds; default today."`
	Reason string `required:"" help:"Why it is published; kept with the edition."`
	File   string `arg:"" help:"YAML or CSV file."`
}

type importCalendar struct {
	place
	Reason string `help:"Kept with the edition."`
	File   string `arg:"" help:"YAML, JSON (holiday-cn) or CSV file."`
}

type catalogCommands struct {
	Check   catalogCheck   `cmd:"" help:"Check a folder of files laid over the program's own catalogue. Exit status 1 on problems."`
	Publish catalogPublish `cmd:"" help:"Publish a folder's files as a new edition."`
}

type catalogCheck struct {
	Dir string `arg:"" optional:"" help:"Folder; without it the program's own catalogue."`
}

type catalogPublish struct {
	place
	Reason string   `required:"" help:"Why; kept with the edition."`
	Remove []string `placeholder:"PATH" help:"A file of the county to take away; may be given again."`
	Dir    string   `arg:"" help:"Folder with the files at their paths in the catalogue."`
}

type procedureCommand struct {
	Check  procedureCheck  `cmd:"" help:"Check procedure files. Exit status 1 on problems, each with FILE:LINE."`
	Draw   procedureDraw   `cmd:"" help:"Draw a procedure as a Mermaid state diagram."`
	Schema procedureSchema `cmd:"" help:"Print the JSON Schema of a procedure file."`
}

type procedureCheck struct {
	Files []string `arg:"" name:"file" help:"Procedure files; each takes the place of the program's file of the same name."`
}

type procedureDraw struct {
	Name string `arg:"" help:"Name of a procedure, or a file."`
}

type procedureSchema struct{}

type rebuildCommand struct {
	place
	Reader string `arg:"" help:"Name of a reader; a wrong one lists them."`
}

type lawCommands struct {
	Due  lawDue  `cmd:"" help:"The end of a period."`
	Code lawCode `cmd:"" help:"Check an identity number or a credit code."`
	List lawList `cmd:"" help:"Every decision rule with its norm and first day."`
	Show lawShow `cmd:"" help:"One decision rule: facts, comparisons, outcomes."`
	Try  lawTry  `cmd:"" help:"Decide by a rule and explain it."`
}

type upgradeCommands struct {
	Check upgradeCheck `cmd:"" help:"Which open cases name a check or effect that this program no longer has. Run it with the new program; exit status 1 when there are any."`
}

type upgradeCheck struct {
	place
}

type certificateCommands struct {
	Check certificateCheck `cmd:"" help:"When a certificate ends and whether its key fits. Exit status 1 within 21 days of the end."`
}

type certificateCheck struct {
	File string `arg:"" help:"Certificate chain (PEM)."`
	Key  string `arg:"" optional:"" help:"Private key (PEM); without it the key stands in the same file."`
}

type versionCommand struct{}
