package identity

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"linli/internal/kit/clock"
	"linli/internal/kit/fault"
	"linli/internal/kit/httpx"
)

// What the API gives of this room's nouns. Instants are RFC 3339, "" for none.
type (
	apiUnit struct {
		ID        string `json:"id,omitempty" maxLength:"64" doc:"Made when empty"`
		Parent    string `json:"parent,omitempty" maxLength:"64"`
		Path      string `json:"path,omitempty" readOnly:"true" doc:"Ids from the root, own id included"`
		Name      string `json:"name" minLength:"1" maxLength:"100"`
		NameEn    string `json:"name_en,omitempty" maxLength:"100"`
		Kind      string `json:"kind" enum:"government,department,street,community,village,office,station,organisation"`
		Function  string `json:"function,omitempty" maxLength:"64"`
		Area      string `json:"area,omitempty" maxLength:"15"`
		Owner     string `json:"owner,omitempty" maxLength:"64"`
		Commander string `json:"commander,omitempty" maxLength:"64"`
		Until     string `json:"until,omitempty" readOnly:"true"`
	}
	apiPost struct {
		ID     string `json:"id,omitempty" readOnly:"true"`
		Person string `json:"person" maxLength:"64"`
		Name   string `json:"name,omitempty" readOnly:"true"`
		Unit   string `json:"unit" maxLength:"64"`
		Kind   string `json:"kind" maxLength:"64"`
		Area   string `json:"area,omitempty" maxLength:"15"`
		From   string `json:"from,omitempty" format:"date-time"`
		Until  string `json:"until,omitempty" format:"date-time"`
	}
	apiMe struct {
		Kind       string    `json:"kind" doc:"staff, party, system or anyone"`
		Person     string    `json:"person,omitempty"`
		Name       string    `json:"name,omitempty"`
		MustChange bool      `json:"must_change" doc:"Whether the password must be changed first"`
		Posts      []apiPost `json:"posts"`
	}
)

func toUnit(u Unit) apiUnit {
	return apiUnit{u.ID, u.Parent, u.Path, u.Name, u.NameEn, u.Kind, u.Function, u.Area, u.Owner, u.Commander, u.Until.String()}
}

func (u apiUnit) unit() Unit {
	return Unit{ID: u.ID, Parent: u.Parent, Name: u.Name, NameEn: u.NameEn, Kind: u.Kind, Function: u.Function, Area: u.Area, Owner: u.Owner, Commander: u.Commander}
}

func toPost(p Post, name string) apiPost {
	return apiPost{p.ID, p.Person, name, p.Unit, p.Kind, p.Area, p.From.String(), p.Until.String()}
}

func instant(s, field string) (clock.Instant, error) {
	if s == "" {
		return 0, nil
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return 0, fault.New(fault.Invalid, "identity.day").At(field)
	}
	return clock.At(t), nil
}

type (
	body[T any] struct{ Body T }
	list[T any] struct {
		Items []T `json:"items"`
	}
	byID struct {
		ID string `path:"id" maxLength:"64"`
	}
	nothing struct{}

	// caller notes what a session needs of its request.
	caller struct{ r *http.Request }

	signInInput struct {
		caller
		Body struct {
			Login    string `json:"login" maxLength:"64"`
			Password string `json:"password" maxLength:"1024"`
			Code     string `json:"code,omitempty" maxLength:"20" doc:"One-time or recovery code, where the account asks for one"`
		}
	}
	signInOutput struct {
		SetCookie http.Cookie `header:"Set-Cookie"`
		Body      struct {
			Token   string `json:"token" doc:"Send it as Authorization: Bearer, or keep the cookie"`
			Expires string `json:"expires" doc:"The latest end; without use it ends after two hours"`
			Me      apiMe  `json:"me"`
		}
	}
	postsInput struct {
		Unit   string `query:"unit" maxLength:"64" doc:"Posts in this unit"`
		Person string `query:"person" maxLength:"64" doc:"Posts of this person"`
	}
	unitInput struct {
		ID   string `path:"id" maxLength:"64"`
		Body apiUnit
	}
	moveInput struct {
		ID   string `path:"id" maxLength:"64"`
		Body struct {
			Parent string `json:"parent" maxLength:"64"`
		}
	}
	peopleInput struct {
		Words string `query:"words" maxLength:"64"`
		After string `query:"after" maxLength:"64"`
	}
	apiPerson struct {
		ID       string `json:"id,omitempty" readOnly:"true"`
		Name     string `json:"name" minLength:"1" maxLength:"100"`
		Login    string `json:"login" minLength:"2" maxLength:"64"`
		Until    string `json:"until,omitempty" readOnly:"true"`
		Password string `json:"password,omitempty" readOnly:"true" doc:"The made password, told once"`
	}
)

// Resolve keeps the request; it refuses nothing.
func (c *caller) Resolve(ctx huma.Context) []error {
	c.r, _ = humago.Unwrap(ctx)
	return nil
}

func (e *edge) routesAPI(api huma.API) {
	op := func(id, method, path, summary string, status int) huma.Operation {
		return huma.Operation{OperationID: id, Method: method, Path: "/api/v1" + path, Summary: summary, Tags: []string{"identity"}, DefaultStatus: status}
	}
	httpx.Register(api, op("getMe", "GET", "/me", "Who I am here", 200), func(ctx context.Context, _ *nothing) (*body[apiMe], error) {
		return &body[apiMe]{e.toMe(From(ctx))}, nil
	})
	httpx.Register(api, op("signIn", "POST", "/sessions", "Sign in", 201), e.apiSignIn)
	httpx.Register(api, op("signOut", "DELETE", "/sessions", "Sign out", 204), e.apiSignOut)
	httpx.Register(api, op("listUnits", "GET", "/units", "All units, closed ones too, parents first", 200), e.apiUnits)
	httpx.Register(api, op("addUnit", "POST", "/units", "Create a unit", 201), func(ctx context.Context, in *body[apiUnit]) (*body[apiUnit], error) {
		u, err := e.AddUnit(ctx, From(ctx), in.Body.unit())
		return &body[apiUnit]{toUnit(u)}, err
	})
	httpx.Register(api, op("changeUnit", "PUT", "/units/{id}", "Change a unit (not its parent)", 200), e.apiUnitChange)
	httpx.Register(api, op("moveUnit", "POST", "/units/{id}/move", "Put a unit under another parent", 204), func(ctx context.Context, in *moveInput) (*nothing, error) {
		return nil, e.MoveUnit(ctx, From(ctx), in.ID, in.Body.Parent)
	})
	httpx.Register(api, op("closeUnit", "DELETE", "/units/{id}", "Close a unit and end its posts", 204), func(ctx context.Context, in *byID) (*nothing, error) {
		return nil, e.CloseUnit(ctx, From(ctx), in.ID)
	})
	httpx.Register(api, op("listPosts", "GET", "/posts", "Posts in a unit or of a person", 200), e.apiPosts)
	httpx.Register(api, op("addPost", "POST", "/posts", "Give a person a post", 201), e.apiPostAdd)
	httpx.Register(api, op("endPost", "DELETE", "/posts/{id}", "End a post now", 204), func(ctx context.Context, in *byID) (*nothing, error) {
		return nil, e.EndPost(ctx, From(ctx), in.ID)
	})
	httpx.Register(api, op("listPeople", "GET", "/people", "Accounts by name or login", 200), e.apiPeople)
	httpx.Register(api, op("addPerson", "POST", "/people", "Make an account", 201), func(ctx context.Context, in *body[apiPerson]) (*body[apiPerson], error) {
		p, made, err := e.AddPerson(ctx, From(ctx), PersonDraft{Name: in.Body.Name, Login: in.Body.Login})
		return &body[apiPerson]{apiPerson{p.ID, p.Name, p.Login, p.Until.String(), made}}, err
	})
}

func (e *edge) toMe(a Actor) apiMe {
	me := apiMe{Kind: a.Kind, Person: a.Person, Name: a.Name, MustChange: a.MustChange, Posts: []apiPost{}}
	for _, p := range a.Posts {
		me.Posts = append(me.Posts, toPost(p, a.Name))
	}
	return me
}

func (e *edge) apiSignIn(ctx context.Context, in *signInInput) (*signInOutput, error) {
	t := tryOf(in.r)
	t.Login, t.Password = in.Body.Login, in.Body.Password
	signed, err := e.SignInFrom(ctx, t)
	if err == nil && signed.Step != "" {
		if in.Body.Code == "" {
			return nil, fault.New(fault.Forbidden, "identity.code_needed").At("code")
		}
		signed, err = e.Code(ctx, signed.Step, in.Body.Code, t)
	}
	if err != nil {
		return nil, err
	}
	token, a := signed.Token, signed.Actor
	out := &signInOutput{SetCookie: *SessionCookie(in.r, token, int(SessionLife/time.Second))}
	out.Body.Token, out.Body.Expires, out.Body.Me = token, e.clk.Now().Add(SessionLife).String(), e.toMe(a)
	return out, nil
}

type signOutInput struct{ caller }

func (e *edge) apiSignOut(ctx context.Context, in *signOutInput) (*struct {
	SetCookie http.Cookie `header:"Set-Cookie"`
}, error) {
	token, ok := bearerOf(in.r)
	if c, err := in.r.Cookie(Cookie); !ok && err == nil {
		token = c.Value
	}
	if err := e.SignOut(ctx, token); err != nil {
		return nil, err
	}
	return &struct {
		SetCookie http.Cookie `header:"Set-Cookie"`
	}{*SessionCookie(in.r, "", -1)}, nil
}

func known(ctx context.Context) error {
	if !From(ctx).Known() {
		return fault.New(fault.Forbidden, "httpx.sign_in")
	}
	return nil
}

func (e *edge) apiUnits(ctx context.Context, _ *nothing) (*body[list[apiUnit]], error) {
	if err := known(ctx); err != nil {
		return nil, err
	}
	units, err := e.Units(ctx)
	out := &body[list[apiUnit]]{list[apiUnit]{Items: []apiUnit{}}}
	for _, u := range units {
		out.Body.Items = append(out.Body.Items, toUnit(u))
	}
	return out, err
}

func (e *edge) apiUnitChange(ctx context.Context, in *unitInput) (*body[apiUnit], error) {
	u := in.Body.unit()
	u.ID = in.ID
	if err := e.ChangeUnit(ctx, From(ctx), u); err != nil {
		return nil, err
	}
	a := From(ctx)
	a.Grants = 0 // read past what this request knew
	u, err := e.Unit(With(ctx, a), in.ID)
	return &body[apiUnit]{toUnit(u)}, err
}

// apiPosts: an administrator sees the posts of their subtree, everybody the
// members of their own units and their own posts.
func (e *edge) apiPosts(ctx context.Context, in *postsInput) (*body[list[apiPost]], error) {
	if err := known(ctx); err != nil {
		return nil, err
	}
	a := From(ctx)
	var members []Member
	var err error
	if in.Unit != "" {
		members, err = e.Members(ctx, in.Unit)
	} else {
		if in.Person == "" {
			in.Person = a.Person
		}
		members, err = e.PostsOf(ctx, in.Person)
	}
	out := &body[list[apiPost]]{list[apiPost]{Items: []apiPost{}}}
	for _, m := range members {
		own := m.Post.Person == a.Person || Relation{Name: RelUnit}.Holds(a, Subject{Unit: m.Post.Unit})
		if (own || Administers(a, m.Post.UnitPath)) && (in.Person == "" || m.Post.Person == in.Person) {
			out.Body.Items = append(out.Body.Items, toPost(m.Post, m.Name))
		}
	}
	return out, err
}

func (e *edge) apiPostAdd(ctx context.Context, in *body[apiPost]) (*body[apiPost], error) {
	p := Post{Person: in.Body.Person, Unit: in.Body.Unit, Kind: in.Body.Kind, Area: in.Body.Area}
	var err error
	if p.From, err = instant(in.Body.From, "from"); err != nil {
		return nil, err
	}
	if p.Until, err = instant(in.Body.Until, "until"); err != nil {
		return nil, err
	}
	p, err = e.AddPost(ctx, From(ctx), p)
	return &body[apiPost]{toPost(p, "")}, err
}

func (e *edge) apiPeople(ctx context.Context, in *peopleInput) (*body[list[apiPerson]], error) {
	if a := From(ctx); !a.Has(Administrator) {
		return nil, NotAdministrator()
	}
	people, err := e.People(ctx, in.Words, in.After, pageSize)
	out := &body[list[apiPerson]]{list[apiPerson]{Items: []apiPerson{}}}
	for _, p := range people {
		out.Body.Items = append(out.Body.Items, apiPerson{ID: p.ID, Name: p.Name, Login: p.Login, Until: p.Until.String()})
	}
	return out, err
}
