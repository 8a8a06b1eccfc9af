-- A Wireshark dissector of ministreaming, as a team that uses the protocol would write it for its daily work: every
-- message and field, filterable by name; the port and a heuristic on SYN; an expert item for a message whose length is
-- wrong. It is what wirelint is measured against, so it does no more than is usual and does that without waste.
--
--     tshark -X lua_script:bench/ministreaming.lua -r FILE

local ministreaming = Proto("ministreaming", "ministreaming")

local CLIENT_DATA, SYN, CLIENT_CLOSE = 0xa0, 0xa1, 0xa2
local SERVER_DATA, ACK, SERVER_CLOSE = 0x50, 0x51, 0x52

local type_names = {
  [CLIENT_DATA] = "DATA (client)",
  [SYN] = "SYN",
  [CLIENT_CLOSE] = "CLOSE (client)",
  [SERVER_DATA] = "DATA (server)",
  [ACK] = "ACK",
  [SERVER_CLOSE] = "CLOSE (server)",
}

local f_type = ProtoField.uint8("ministreaming.type", "Type", base.HEX, type_names)
local f_id = ProtoField.uint24("ministreaming.id", "Receiver's id", base.HEX)
local f_server_id = ProtoField.uint24("ministreaming.server_id", "Server's id", base.HEX)
local f_key = ProtoField.bytes("ministreaming.key", "Client's public key")
local f_data = ProtoField.bytes("ministreaming.data", "Data")

ministreaming.fields = { f_type, f_id, f_server_id, f_key, f_data }

local e_short = ProtoExpert.new("ministreaming.short",
  "Message is shorter than 4 bytes", expert.group.MALFORMED, expert.severity.ERROR)
local e_length = ProtoExpert.new("ministreaming.length",
  "Message does not have the length of its type", expert.group.MALFORMED, expert.severity.ERROR)
local e_type = ProtoExpert.new("ministreaming.unknown",
  "Unknown type", expert.group.PROTOCOL, expert.severity.ERROR)

ministreaming.experts = { e_short, e_length, e_type }

function ministreaming.dissector(tvb, pinfo, root)
  local length = tvb:len()
  if length == 0 then
    return 0
  end
  pinfo.cols.protocol = "ministreaming"
  local tree = root:add(ministreaming, tvb())
  local message_type = tvb(0, 1):uint()
  local item = tree:add(f_type, tvb(0, 1), message_type)
  if length < 4 then
    tree:add_proto_expert_info(e_short)
    return length
  end
  local name = type_names[message_type]
  if name == nil then
    item:add_proto_expert_info(e_type)
    return length
  end
  local id = tvb(1, 3):uint()
  tree:add(f_id, tvb(1, 3), id)

  -- The length on the wire: a snap length may have cut what was captured.
  local payload = tvb:reported_len() - 4
  if message_type == ACK then
    if payload == 3 and length == 7 then
      tree:add(f_server_id, tvb(4, 3))
    else
      tree:add_proto_expert_info(e_length)
    end
  elseif message_type == SYN then
    if payload > 0 then
      tree:add(f_key, tvb(4))
    else
      tree:add_proto_expert_info(e_length)
    end
  elseif message_type == CLIENT_CLOSE or message_type == SERVER_CLOSE then
    if payload > 0 then
      tree:add_proto_expert_info(e_length)
    end
  elseif length > 4 then
    tree:add(f_data, tvb(4))
  end
  pinfo.cols.info = string.format("%s Id=%06x Len=%d", name, id, payload)
  return length
end

-- On any port a SYN with an I2P destination opens the session; the pair then belongs to ministreaming.
local function is_syn(tvb, pinfo, root)
  if tvb:len() < 4 + 387 or tvb(0, 1):uint() ~= SYN or tvb(1, 3):uint() == 0 then
    return false
  end
  pinfo.conversation = ministreaming
  ministreaming.dissector(tvb, pinfo, root)
  return true
end

DissectorTable.get("udp.port"):add(7654, ministreaming)
ministreaming:register_heuristic("udp", is_syn)
