-- The features of centralized root access that organizations have enabled.
create table iam_root_features (
    organization_id text not null,
    feature         text not null,
    primary key (organization_id, feature)
);
