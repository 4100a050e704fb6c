-- Asks who sent a request, by its cookie: txn.user and txn.groups, or nothing when nobody is signed in.

local VERIFY = "http://127.0.0.1:9091/api/verify"

core.register_action("sign_in", { "http-req" }, function(txn)
    local answer = core.httpclient():get{
        url = VERIFY,
        headers = {
            cookie = { txn.sf:req_hdr("cookie") or "" },
            ["x-original-url"] = { "https://" .. (txn.sf:req_hdr("host") or "") .. txn.sf:path() },
        },
        timeout = 5000,
    }
    if answer and answer.status == 200 and answer.headers["remote-user"] then
        txn:set_var("txn.user", answer.headers["remote-user"][0])
        txn:set_var("txn.groups", (answer.headers["remote-groups"] or { [0] = "" })[0])
    end
end)
