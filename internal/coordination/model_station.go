package coordination

// PostingOpinions is the procedure by which a department hears the commander of a
// stationed unit before it assesses or moves its head.
const PostingOpinions = "posting-opinion"

// stateDecided is where such a hearing ends with a decision.
const stateDecided = "decided"

// kindAssess is the only kind of hearing that moves nobody.
const kindAssess = "assess"
