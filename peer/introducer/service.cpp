// SPDX-License-Identifier: MIT
#include "peer/introducer/service.h"

#include <utility>
#include <vector>

namespace peer::introducer {
namespace {

/// A peer may only register the address it speaks from: any other would have the rest of the network dial a host that
/// never asked for it. A zone means nothing elsewhere, so addresses that need one are no use.
bool may_register(const net::Endpoint& endpoint, const net::IpAddress& source) {
  if (endpoint.port < Service::kLowestPort || endpoint.address != source) return false;
  return !(source.v6() && source.is_link_local());
}

}  // namespace

Service::Answer Service::answer(net::TimePoint now, const net::Endpoint& source,
                                const net::Result<control::Request, control::RequestError>& request) {
  Answer answer;
  if (!limits_.allow(now, Origin::of(source.address))) {
    answer = {control::format_response(kTooManyRequests, {}), true};
  } else if (!request) {
    answer = {control::format_response(control::kMalformedRequest, {}),
              request.error() == control::RequestError::kTooLong};
  } else if (auto command = to_command(*request); !command) {
    answer.bytes = control::format_response(command.error(), {});
  } else if (auto* join = std::get_if<Join>(&*command)) {
    answer.bytes = carry_out(now, source.address, std::move(*join));
  } else {
    directory_.leave(std::get<Leave>(*command).id, source.address);
    answer.bytes = control::format_response(control::kOk, {});
  }
  if (note_) note(source, request, answer);
  return answer;
}

std::string Service::carry_out(net::TimePoint now, const net::IpAddress& source, Join join) {
  if (join.peer.endpoint.address.is_unspecified()) join.peer.endpoint.address = source;
  if (!may_register(join.peer.endpoint, source)) return control::format_response(kAddressRefused, {});
  const bool entered = directory_.join(now, join.peer);
  std::vector<std::string> lines;
  for (const Peer& peer : directory_.newest(now, join.peer.id, source, join.count)) {
    lines.push_back(format_peer(lines.size() + 1, peer));
  }
  return control::format_response(entered ? control::kOk : kFull, lines);
}

void Service::note(const net::Endpoint& source, const net::Result<control::Request, control::RequestError>& request,
                   const Answer& answer) const {
  std::string line = source.to_string() + ": ";
  line += request ? request->op : "no request";
  if (request && !request->args.empty()) line += ' ' + request->args.front().substr(0, kMaxIdSize);
  note_(line + ": " + answer.bytes.substr(0, answer.bytes.find('\r')));
}

}  // namespace peer::introducer
