-- A Wireshark dissector of MNET, as a team that uses the protocol would write it for its daily work: every message and
-- field, filterable by name; the port and a heuristic on INIT; an expert item for a message whose length is wrong. It
-- is what wirelint is measured against, so it does no more than is usual and does that without waste.
--
--     tshark -X lua_script:bench/mnet.lua -r FILE

local mnet = Proto("mnet", "MNET")

local DATA, INIT, COOKIE, COOKIE_ECHO, COOKIE_ACK, SHUTDOWN = 0, 1, 2, 3, 4, 5

local type_names = {
  [0] = "DATA",
  [1] = "INIT",
  [2] = "COOKIE",
  [3] = "COOKIE-ECHO",
  [4] = "COOKIE-ACK",
  [5] = "SHUTDOWN",
  [6] = "SHUTDOWN-ACK",
  [7] = "SHUTDOWN-COMPLETE",
  [8] = "ABORT",
}

-- Bytes that a message must have; what follows them is application data in DATA alone.
local shortest = { [0] = 14, [1] = 9, [2] = 32, [3] = 32, [4] = 4, [5] = 8, [6] = 4, [7] = 4, [8] = 4 }

local f_type = ProtoField.uint8("mnet.type", "Type", base.DEC, type_names)
local f_tag = ProtoField.uint24("mnet.tag", "Connection tag", base.HEX)
local f_peer_tag = ProtoField.uint24("mnet.peer_tag", "Peer connection tag", base.HEX)
local f_magic = ProtoField.string("mnet.magic", "Protocol magic")
local f_version = ProtoField.uint8("mnet.version", "Version")
local f_expiration = ProtoField.absolute_time("mnet.expiration", "Expiration", base.UTC)
local f_hmac = ProtoField.bytes("mnet.hmac", "HMAC-SHA1")
local f_sequence = ProtoField.uint32("mnet.sequence", "Outgoing sequence")
local f_acknowledged = ProtoField.uint32("mnet.acknowledged", "Acknowledged bytes")
local f_data_length = ProtoField.uint16("mnet.data_length", "Data length")
local f_data = ProtoField.bytes("mnet.data", "Application data")

mnet.fields = {
  f_type, f_tag, f_peer_tag, f_magic, f_version, f_expiration, f_hmac,
  f_sequence, f_acknowledged, f_data_length, f_data,
}

local e_data_length = ProtoExpert.new("mnet.data_length.mismatch",
  "Data length is not that of the datagram", expert.group.MALFORMED, expert.severity.ERROR)
local e_length = ProtoExpert.new("mnet.length.short",
  "Message is shorter than its type demands", expert.group.MALFORMED, expert.severity.ERROR)

mnet.experts = { e_data_length, e_length }

local function dissect_init(tvb, tree)
  tree:add(f_magic, tvb(1, 4))
  tree:add(f_version, tvb(5, 1))
  tree:add_le(f_tag, tvb(6, 3))
end

local function dissect_cookie(tvb, tree)
  tree:add_le(f_tag, tvb(1, 3))
  tree:add_le(f_peer_tag, tvb(4, 3))
  tree:add(f_version, tvb(7, 1))
  tree:add_le(f_expiration, tvb(8, 4))
  tree:add(f_hmac, tvb(12, 20))
end

local function dissect_data(tvb, tree, pinfo, length)
  local sequence = tvb(4, 4):le_uint()
  local acknowledged = tvb(8, 4):le_uint()
  local data_length = tvb(12, 2):le_uint()
  tree:add_le(f_tag, tvb(1, 3))
  tree:add(f_sequence, tvb(4, 4), sequence)
  tree:add(f_acknowledged, tvb(8, 4), acknowledged)
  local item = tree:add(f_data_length, tvb(12, 2), data_length)
  if length > 14 then
    tree:add(f_data, tvb(14))
  end
  -- The length on the wire: a snap length may have cut what was captured.
  local carried = tvb:reported_len() - 14
  if data_length ~= carried then
    item:add_proto_expert_info(e_data_length,
      string.format("Data length is %d, the datagram holds %d", data_length, carried))
  end
  pinfo.cols.info = string.format("DATA Seq=%d Ack=%d Len=%d", sequence, acknowledged, data_length)
end

function mnet.dissector(tvb, pinfo, root)
  local length = tvb:len()
  if length == 0 then
    return 0
  end
  local message_type = tvb(0, 1):uint()
  local name = type_names[message_type]

  pinfo.cols.protocol = "MNET"
  pinfo.cols.info = name or string.format("Unknown type %d", message_type)

  local tree = root:add(mnet, tvb())
  tree:add(f_type, tvb(0, 1), message_type)
  if name == nil then
    return length
  end
  if length < shortest[message_type] then
    if tvb:reported_len() < shortest[message_type] then
      tree:add_proto_expert_info(e_length)
    end
    return length
  end

  if message_type == DATA then
    dissect_data(tvb, tree, pinfo, length)
  elseif message_type == INIT then
    dissect_init(tvb, tree)
  elseif message_type == COOKIE or message_type == COOKIE_ECHO then
    dissect_cookie(tvb, tree)
  else
    tree:add_le(f_tag, tvb(1, 3))
    if message_type == SHUTDOWN then
      tree:add_le(f_acknowledged, tvb(4, 4))
      pinfo.cols.info = string.format("SHUTDOWN Ack=%d", tvb(4, 4):le_uint())
    end
  end
  return length
end

-- On any port an INIT opens the session; the pair then belongs to MNET.
local function is_init(tvb, pinfo, root)
  if tvb:len() ~= 9 or tvb(0, 1):uint() ~= INIT or tvb(1, 4):uint() ~= 0x4d4e4554 then
    return false
  end
  pinfo.conversation = mnet
  mnet.dissector(tvb, pinfo, root)
  return true
end

DissectorTable.get("udp.port"):add(26999, mnet)
mnet:register_heuristic("udp", is_init)
