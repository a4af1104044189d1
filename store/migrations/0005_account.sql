-- Contacts of accounts. What was not given is the empty string.
create table account_contacts (
    account_id         text not null primary key,
    full_name          text not null,
    company_name       text not null,
    address_line_1     text not null,
    address_line_2     text not null,
    address_line_3     text not null,
    city               text not null,
    district_or_county text not null,
    state_or_region    text not null,
    postal_code        text not null,
    country_code       text not null,
    phone_number       text not null,
    website_url        text not null
);

create table account_alternate_contacts (
    account_id    text not null,
    contact_type  text not null,
    email_address text not null,
    name          text not null,
    phone_number  text not null,
    title         text not null,
    primary key (account_id, contact_type)
);

-- The last switch of each Region that an account has opted into or out of.
create table account_regions (
    account_id text    not null,
    region     text    not null,
    enabled    integer not null,
    done_at    integer not null,
    primary key (account_id, region)
);

create index account_regions_done on account_regions (done_at);
