using System.Net;
using System.Text.Json;
using Lambda.Serving.Tests.Running;

namespace Lambda.Serving.Tests.Api;

public class WrongRequestTests(ScenarioFixture scenario) : IClassFixture<ScenarioFixture>
{
    [Theory]
    [InlineData("/api/views/nope", 404, "The views are: delays, pairs, by_everything")]
    [InlineData("/api/views/delays?orign=ATL", 400, "Its key parts are: origin")]
    [InlineData("/api/views/delays?origin=%FF", 400, "Parameter 'origin' is no valid UTF-8: '%FF'. Percent-encode the bytes of the text in UTF-8")]
    [InlineData("/api/views/delays?key=M%FCnchen", 400, "Parameter 'key' is no valid UTF-8: 'M%FCnchen'")]
    [InlineData("/api/views/delays?orig%FFn=ATL", 400, "Parameter 'orig%FFn' is no valid UTF-8")]
    [InlineData("/api/views/delays/corrections?origin=%ED%A0%80", 400, "is no valid UTF-8")]
    [InlineData("/api/quarantine?reason=%C3", 400, "is no valid UTF-8")]
    [InlineData("/api/views/delays?from=yesterday", 400, "Give an instant")]
    [InlineData("/api/views/delays?from=99999-01-01", 400, "Give an instant")]
    [InlineData("/api/views/delays?from=0000-01-01", 400, "Give an instant")]
    [InlineData("/api/views/delays?from=2001-01-01T00:00:00+01:00", 400, "%2B")]
    [InlineData("/api/views/delays?from=2001-01-02&to=2001-01-02", 400, "must be later than 'from'")]
    [InlineData("/api/views/delays?from=2001-01-01&from=2001-01-02", 400, "several times")]
    [InlineData("/api/views/delays?origin=ATL&key=ATL", 400, "several times")]
    [InlineData("/api/views/delays?limit=0", 400, "from 1 to 100000")]
    [InlineData("/api/views/delays?limit=-1", 400, "from 1 to 100000")]
    [InlineData("/api/views/delays?limit=99999999999999999999", 400, "from 1 to 100000")]
    [InlineData("/api/views/delays?limit=ten", 400, "from 1 to 100000")]
    [InlineData("/api/views/delays?layer=speedy", 400, "merged, batch, speed")]
    [InlineData("/api/views/delays?layer=1", 400, "merged, batch, speed")]
    [InlineData("/api/views/delays?format=xml", 400, "json, ndjson, csv, parquet, arrow")]
    [InlineData("/api/views/delays?rollup=maybe", 400, "'maybe'. Give true or false")]
    [InlineData("/api/views/pairs?rollup=true", 400, "Leave 'rollup' out")]
    [InlineData("/api/views/pairs/compare?rollup=true", 400, "Leave 'rollup' out")]
    [InlineData("/api/views/delays?order=size", 400, "windowStart, origin, flights")]
    [InlineData("/api/views/delays?order=", 400, "windowStart, origin, flights")]
    [InlineData("/api/views/delays?rollup=true&order=origin", 400, "windowStart, flights")]
    [InlineData("/api/views/delays?cursor=nope!", 400, "none that an answer gave")]
    [InlineData("/api/views/delays?cursor=", 400, "none that an answer gave")]
    [InlineData("/api/views/delays?cursor=bnVsbA", 400, "take 'nextCursor' of each answer")]
    [InlineData("/api/views/delays/compare?cursor=bnVsbA", 400, "Parameters are: from, to, rollup, all, limit, key, isNull")]
    [InlineData("/api/views/by_everything?status=many", 400, "32 bits")]
    [InlineData("/api/views/by_everything?status=99999999999", 400, "32 bits")]
    [InlineData("/api/views/by_everything?delay=1.5", 400, "64 bits")]
    [InlineData("/api/views/by_everything?cancelled=2", 400, "true or false")]
    [InlineData("/api/views/by_everything?key.from=noon", 400, "an instant")]
    [InlineData("/api/views/by_everything?key=1", 400, "Its key parts are: from, status, delay, cancelled; give the value of one as key.from=VALUE")]
    [InlineData("/api/views/rushes?rollup=true", 400, "keys have no window in common to roll up")]
    [InlineData("/api/views/rushes/compare?rollup=true", 400, "keys have no window in common to roll up")]
    [InlineData("/api/nope", 404, "")]
    [InlineData("/api/views/delays/compare?layer=batch", 400, "Parameters are: from, to, rollup, all, limit, key, isNull")]
    [InlineData("/api/views/delays/corrections?order=origin", 400, "Parameters are: from, to, limit, key, isNull")]
    [InlineData("/api/quarantine/flights/0/99", 404, "is in quarantine")]
    [InlineData("/api/quarantine/flights/x/99", 404, "")]
    [InlineData("/api/quarantine?reason=ugly", 400, "malformed, wrongType")]
    [InlineData("/api/quarantine?limit=1001", 400, "from 1 to 1000")]
    [InlineData("/api/generations?streem=flights", 400, "Parameters are: stream, limit")]
    [InlineData("/api/quality?stream=trains", 404, "The streams are: flights")]
    [InlineData("/api/quality/metrics?metric=nope", 404, "no metric 'nope'. Those that its checks measure are: mean of delay, distribution of distance in 10 bins.")]
    [InlineData("/api/quality/metrics?stream=trains&metric=mean of delay", 404, "The streams are: flights")]
    [InlineData("/api/streams/trains", 404, "The streams are: flights")]
    [InlineData("/api/batch/runs/nope", 404, "no batch run 'nope'")]
    public async Task A_wrong_request_is_told_what_was_wrong_and_what_would_be_right(string path, int status, string expected)
    {
        JsonElement problem = await scenario.App.GetAsync(path, (HttpStatusCode)status);

        Assert.Equal(status, problem.GetProperty("status").GetInt32());
        Assert.Contains(expected, problem.TryGetProperty("detail", out JsonElement detail) ? detail.GetString() : "", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("M%C3%BCnchen")]
    [InlineData("%F0%9F%98%80")]
    [InlineData("%25FF")]
    [InlineData("100%")]
    public async Task A_text_of_any_characters_is_looked_for(string origin)
    {
        JsonElement answer = await scenario.App.GetAsync($"/api/views/delays?origin={origin}");

        Assert.Equal("[]", answer.GetProperty("rows").GetRawText());
    }

    [Theory]
    [InlineData("/api/batch/runs", """{"stream": "flights", "dry_run": true}""", "unknown member 'dry_run'; those that there are: stream, full, dryRun, from, to")]
    [InlineData("/api/batch/runs", """{"dryRun": "yes"}""", "Member 'dryRun' is true or false, but a text is given")]
    [InlineData("/api/batch/runs", """{"stream": 5}""", "Member 'stream' is a text, but the number 5 is given")]
    [InlineData("/api/batch/runs", """{"\ud800": true}""", "a member whose name is no well-formed text; those that there are: stream, full, dryRun, from, to")]
    [InlineData("/api/batch/runs", """{"stream": "\ud800"}""", "Member 'stream' is no well-formed text")]
    [InlineData("/api/batch/runs", """{"from": 2001}""", "Member 'from' is a text, but the number 2001 is given")]
    [InlineData("/api/batch/runs", """{"from": "noon"}""", "Give an instant")]
    [InlineData("/api/batch/runs", "[]", "no object but an array")]
    [InlineData("/api/batch/runs", "null", "no object but null")]
    [InlineData("/api/batch/runs", "{", "It is no JSON")]
    [InlineData("/api/batch/rollbacks", "", "Member 'generation' is missing")]
    [InlineData("/api/batch/rollbacks", """{"generation": "12"}""", "Member 'generation' is a whole number of 64 bits, but a text is given")]
    [InlineData("/api/batch/rollbacks", """{"generation": 1.5}""", "but the number 1.5 is given")]
    [InlineData("/api/streams/flights/gaps", """{"partition": 0, "from": 1, "to": 2}""", "unknown member 'from'; those that there are: partition, start, end")]
    [InlineData("/api/streams/flights/gaps", """{"partition": 4294967296, "start": 1, "end": 2}""", "Member 'partition' is a whole number of 32 bits")]
    [InlineData("/api/streams/flights/gaps", """{"partition": 0, "start": 2, "end": 2}""", "Give an end above the start")]
    public async Task A_wrong_body_is_told_by_its_member_and_does_nothing(string path, string body, string expected)
    {
        JsonElement problem = await scenario.App.PostAsync(path, body, "application/json", HttpStatusCode.BadRequest);

        Assert.Contains(expected, problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal("[]", (await scenario.App.GetAsync("/api/batch/runs")).GetRawText());
    }
}
