package command

import "context"

// Run tells this node's open pages of what changed until ctx ends. What changed is
// read by the follower, on one node.
func (s *Service) Run(ctx context.Context) { s.tellPages(ctx) }
